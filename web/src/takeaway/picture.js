// A plot as a picture that stands alone, in a paper or a post: its styles written in and light, its title
// above it, below it what its lines and marks mean and which run it is of.
import { namesOf } from '../experiment.js'
import { formatCount, titled, widthOf } from '../format.js'
import { quantities } from '../plots/curve-plot.js'
import { point } from '../plots/pointing.js'
import { formatOf, meanSoFar, measureOf } from '../series.js'
import { strings } from '../strings.js'

/** @import { State } from '../lab.js' */

const handed = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'fill-opacity',
  'stroke-opacity', 'paint-order', 'font-family', 'font-size', 'font-weight', 'text-anchor'] // from parent to child
const edge = 8 // px around
const lineHeight = 19 // of the title
const characterWidth = 8.2 // of the title, about
const widest = 1240 // px, of several plots together
const narrowest = 400 // px, of a picture with words below it
const [small, smallLine, keyGap, itemGap] = [12, 19, 5, 20] // px, of those
const few = 6 // tasks, beyond which their mean stands for them
const scale = 2 // of pixels

const pixel = document.createElement('canvas').getContext('2d', { willReadFrequently: true })

/** A colour as every program knows it: mixed ones are written in oklab by the browser. */
function plainColour(value) {
  if (!/^(ok|color)/.test(value)) return value
  pixel.clearRect(0, 0, 1, 1)
  pixel.fillStyle = value
  pixel.fillRect(0, 0, 1, 1)
  return `#${[...pixel.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

/** Writes what the style sheet says into the copy of an element, and of all in it. */
function inline(element, copy, above) {
  const style = getComputedStyle(element)
  if (style.display === 'none' || element.matches('.crosshair, .dots')) return copy.remove()
  const value = (name) => style.getPropertyValue(name)
  for (const name of handed) if (!above || above.getPropertyValue(name) !== value(name)) copy.setAttribute(name, plainColour(value(name)))
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

/** What `draw` gives while the page is light and nothing is pointed at; nobody sees it meanwhile. */
function inLight(draw) {
  const { classList } = document.documentElement
  classList.add('light')
  point({ method: '' })
  try {
    return draw(getComputedStyle(document.body), getComputedStyle(document.documentElement).getPropertyValue('--soft'))
  } finally {
    classList.remove('light')
  }
}

function copyOf(element) {
  const copy = element.cloneNode(true)
  inline(element, copy)
  withoutComments(copy)
  return copy
}

/** A key on the page; of one with a piece for every method, the piece of the only one that is drawn. */
function keyCopy(key, only) {
  const copy = copyOf(key)
  if (only === undefined || !key.querySelector('.now')) return copy
  const piece = copy.children[only]
  piece.setAttribute('d', `M0,5h${key.width.baseVal.value}`)
  copy.replaceChildren(piece)
  return copy
}

const wideOf = (run) => (typeof run === 'string' ? Math.ceil(pixel.measureText(run).width) : run.width.baseVal.value)

/**
 * Items of keys and words in lines, each as long as there is room.
 * @param {(SVGSVGElement | string)[][]} items @returns {{parts: Element[], height: number}}
 */
function flow(items, { left, top, width, fill, only, size = small }) {
  pixel.font = `${size}px ${getComputedStyle(document.body).fontFamily}`
  let [x, line] = [0, 0]
  const put = (run) => {
    const wide = wideOf(run)
    if (x && x + wide > width) [x, line] = [0, line + 1]
    const base = top + smallLine * (line + 1) - 5
    const part = typeof run === 'string' ? make('text', { x: left + x, y: base, fill, 'font-size': `${size}px` }, run) : keyCopy(run, only)
    if (part.localName === 'svg') for (const [name, at] of [['x', left + x], ['y', base - 4 - part.height.baseVal.value / 2]]) part.setAttribute(name, at)
    x += wide + keyGap
    return part
  }
  const parts = items.flatMap((runs) => {
    const wide = runs.reduce((sum, run) => sum + wideOf(run) + keyGap, 0)
    if (x && x + wide > width) [x, line] = [0, line + 1]
    const placed = runs.map(put)
    x += itemGap - keyGap
    return placed
  })
  return { parts, height: smallLine * (line + 1) }
}

/** Keys and words as they are on the page, in their order. */
function runsOf(element) {
  if (element.nodeType === Node.TEXT_NODE) return element.data.trim() ? [element.data.trim()] : []
  return element.matches?.('svg') ? [element] : [...element.childNodes].flatMap(runsOf)
}

const keyOf = (place) => document.querySelector(`.numbers ${place} .key`)

/** A method with its line. */
const nameOf = ({ described, catalogue }, at) =>
  [keyOf(`tbody tr:nth-child(${at + 1})`), `${titled(namesOf(described.experiment, catalogue)[at].name)}:`]

/** And how it does on each task, or on all of many. */
function methodItem(state, at) {
  const { described, snapshot, measure } = state
  const shown = measureOf({ snapshot, measure })
  const learner = snapshot.learners[at]
  const now = (values) => formatOf[shown](values.at(-1))
  const { tasks } = described
  return [...nameOf(state, at), strings.measures[shown], ...(tasks.length > few
    ? [`${strings.meanShort} ${now(meanSoFar(learner, shown, described))}`]
    : tasks.flatMap(({ name }, task) => [keyOf(`tr:last-child th:nth-child(${task + 1})`), `${name} ${now(learner.curves[shown][task])}`]))]
}

/** The page's own legend, as far as it is drawn. */
const pageLegend = (section, drawn) => [...section.querySelectorAll('.legend li:not(.absent)')]
  .filter((item) => !item.querySelector('.kept') || drawn.querySelector('.kept')).map(runsOf)

/** What the lines and marks of a plot mean, in groups. */
function legendOf(plot, state) {
  const { quantity, series, task } = plot.closest('curve-plot') ?? {}
  const { index } = plot.closest('fit-plot, plane-plot') ?? {}
  if (!series) return [index === undefined ? [] : [methodItem(state, index)], pageLegend(plot.closest('section'), plot)]
  const lines = series.map((values, at) => [...nameOf(state, at), quantities[quantity].format(values.at(-1))])
  const own = task === null ? [] : [[keyOf(`tr:last-child th:nth-child(${task + 1})`), strings.curveTitle(state.described.tasks[task].name)]]
  return [[...own, ...lines], plot.querySelector('.band') ? [runsOf(document.querySelector('.curves .section-head p'))] : []]
}

/** Which run it is, and when. */
const runItems = ({ described, snapshot, live }) => [[strings.title], [strings.seedAndSize(described.experiment.seed, formatCount(described.parameters))],
  [strings.stepOf(formatCount(snapshot.step), formatCount(described.steps))], ...(live.digest ? [[`${strings.digest} ${live.digest}`]] : [])]

/** What stands below plots: groups of items, each from the start of a line, and a small line about the run. */
function below(groups, state, { top, ...place }) {
  let height = 0
  const parts = [...groups.filter((items) => items.length).map((items) => [items, {}]), [runItems(state), { fill: place.soft, size: 11 }]]
    .flatMap(([items, changes]) => {
      const made = flow(items, { ...place, ...changes, top: top + height })
      height += made.height + 4
      return made.parts
    })
  return { parts, height }
}

/** The plot with its title above it, and room around. */
function titledCopy(plot, title, page, most) {
  const copy = copyOf(plot)
  const lines = wrapped(title, most / characterWidth)
  const head = lineHeight * lines.length + 6
  copy.prepend(...lines.map((line, at) => make('text', {
    x: 0, y: lineHeight * (at + 1) - head - 2, fill: page.color, 'font-size': '15px', 'font-weight': 600,
  }, line)))
  return { copy, head, wide: plot.width.baseVal.value, high: plot.height.baseVal.value }
}

function framed(copy, { head, width, height }, background, title) {
  copy.prepend(make('title', {}, title), ...(background ? [make('rect', { x: -edge, y: -edge - head, width, height, fill: background, stroke: 'none' })] : []))
  for (const [name, value] of Object.entries({ width, height, viewBox: `${-edge} ${-edge - head} ${width} ${height}` })) copy.setAttribute(name, value)
  return { text: new XMLSerializer().serializeToString(copy), width, height }
}

/** @param {SVGSVGElement} plot @param {string} title @param {State} state @returns {{text: string, width: number, height: number}} */
export const svgOf = (plot, title, state) => inLight((page, soft) => {
  const inner = Math.max(narrowest, plot.width.baseVal.value)
  const { copy, head, high } = titledCopy(plot, title, page, inner)
  const { parts, height } = below(legendOf(plot, state), state, { left: 0, top: high + 8, width: inner, fill: page.color, soft, only: plot.closest('fit-plot, plane-plot')?.index })
  copy.append(...parts)
  return framed(copy, { head, width: inner + 3 * edge, height: head + high + 8 + height + 2 * edge }, page.backgroundColor, title)
})

/**
 * Several plots as one picture, in rows from left to right, those of a kind together.
 * @param {[string, SVGSVGElement][]} plots  with their titles @param {string} title @param {State} state
 */
export const figureOf = (plots, title, state) => inLight((page, soft) => {
  const top = 42 // of the title
  let [x, y, row, width, kind] = [edge, top, 0, 0, '']
  const placed = plots.map(([name, plot]) => {
    const { copy, head, wide, high } = titledCopy(plot, name, page, plot.width.baseVal.value)
    const size = { head, width: wide + 2 * edge, height: head + high + 2 * edge }
    const { localName } = plot.parentElement
    if (x > edge && (localName !== kind || x + size.width > widest)) [x, y, row] = [edge, y + row, 0]
    const part = framed(copy, size, '', name).text.replace('<svg', `<svg x="${x}" y="${y}"`)
    x += size.width
    row = Math.max(row, size.height)
    width = Math.max(width, x + edge)
    kind = localName
    return part
  })
  const legend = below([state.snapshot.learners.map((_, at) => methodItem(state, at)), pageLegend(document.querySelector('.fits'), document.querySelector('.fits .cards'))], state,
    { left: 2 * edge, top: y + row + 6, width: width - 4 * edge, fill: page.color, soft })
  const height = y + row + 6 + legend.height + edge
  const whole = make('svg', { width, height, viewBox: `0 0 ${width} ${height}`, 'font-family': page.fontFamily })
  whole.append(make('title', {}, title), make('rect', { width, height, fill: page.backgroundColor }),
    make('text', { x: 2 * edge, y: 32, fill: page.color, 'font-size': '22px', 'font-weight': 600, 'font-family': getComputedStyle(document.querySelector('h2')).fontFamily }, title),
    ...legend.parts)
  return new XMLSerializer().serializeToString(whole).replace(/<\/svg>$/, `${placed.join('')}</svg>`)
})

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
