// A plot as a picture that stands alone: its styles written in, its title above it.
import { widthOf } from '../format.js'

const handed = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'fill-opacity',
  'stroke-opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'text-anchor'] // from parent to child
const edge = 8 // px around
const lineHeight = 19 // of the title
const characterWidth = 8.2 // of the title, about
const widest = 1240 // px, of several plots together
const scale = 2 // of pixels

/** Writes what the style sheet says into the copy of an element, and of all in it. */
function inline(element, copy, above) {
  const style = getComputedStyle(element)
  if (style.display === 'none') return copy.remove()
  const value = (name) => style.getPropertyValue(name)
  for (const name of handed) if (!above || above.getPropertyValue(name) !== value(name)) copy.setAttribute(name, value(name))
  if (style.opacity !== '1') copy.setAttribute('opacity', style.opacity)
  for (const name of ['class', 'style', 'data-key', 'role', 'aria-label']) copy.removeAttribute(name)
  const copies = [...copy.children]
  ;[...element.children].forEach((child, at) => inline(child, copies[at], style))
}

function withoutComments(node) {
  for (const child of [...node.childNodes]) {
    if (child.nodeType === Node.COMMENT_NODE) child.remove()
    else withoutComments(child)
  }
}

function make(name, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.textContent = text
  return made
}

/** Lines of whole words, or Chinese characters, each as long as there is room. */
function wrapped(text, most) {
  const lines = ['']
  for (const word of text.match(/(\p{Script=Han}\p{P}?|[^\p{Script=Han}\s]+)\s*/gu) ?? []) {
    if (lines.at(-1) && widthOf(lines.at(-1)) + widthOf(word.trimEnd()) > most) lines.push('')
    lines.push(lines.pop() + word)
  }
  return lines.map((line) => line.trimEnd())
}

/** @param {SVGSVGElement} plot @param {string} title @returns {{text: string, width: number, height: number}} */
export function svgOf(plot, title) {
  const copy = plot.cloneNode(true)
  inline(plot, copy)
  withoutComments(copy)
  const page = getComputedStyle(document.body)
  const lines = wrapped(title, plot.width.baseVal.value / characterWidth)
  const head = lineHeight * lines.length + 6
  const [width, height] = [plot.width.baseVal.value + 2 * edge, plot.height.baseVal.value + 2 * edge + head]
  copy.prepend(make('title', {}, title),
    make('rect', { x: -edge, y: -edge - head, width, height, fill: page.backgroundColor, stroke: 'none' }),
    ...lines.map((line, at) => make('text', {
      x: 0, y: lineHeight * (at + 1) - head - 2, fill: page.color, 'font-size': '15px', 'font-weight': 600,
    }, line)))
  for (const [name, value] of Object.entries({ width, height, viewBox: `${-edge} ${-edge - head} ${width} ${height}` })) {
    copy.setAttribute(name, value)
  }
  return { text: new XMLSerializer().serializeToString(copy), width, height }
}

/**
 * Several plots as one picture, in rows from left to right.
 * @param {[string, SVGSVGElement][]} plots  with their titles @param {string} title
 */
export function figureOf(plots, title) {
  let [x, y, row, width] = [0, 0, 0, 0]
  const placed = plots.map(([name, plot]) => {
    const { text, ...size } = svgOf(plot, name)
    if (x && x + size.width > widest) [x, y, row] = [0, y + row, 0]
    const part = text.replace('<svg', `<svg x="${x}" y="${y}"`)
    x += size.width
    row = Math.max(row, size.height)
    width = Math.max(width, x)
    return part
  })
  const height = y + row
  const whole = make('svg', { width, height, viewBox: `0 0 ${width} ${height}` })
  whole.append(make('title', {}, title),
    make('rect', { width, height, fill: getComputedStyle(document.body).backgroundColor }))
  return new XMLSerializer().serializeToString(whole).replace('</svg>', `${placed.join('')}</svg>`)
}

/** @param {{text: string, width: number, height: number}} svg @returns {Promise<Blob>} */
export async function pngOf({ text, width, height }) {
  const image = new Image()
  image.src = `data:image/svg+xml,${encodeURIComponent(text)}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = scale * width
  canvas.height = scale * height
  canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((done) => canvas.toBlob(done, 'image/png'))
}
