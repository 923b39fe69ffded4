// MathML from a preset's text: parsed as XML and rebuilt from a list of known elements.
const namespace = 'http://www.w3.org/1998/Math/MathML'
const elements = new Set([
  'math', 'mrow', 'mi', 'mn', 'mo', 'mtext', 'msub', 'msup', 'msubsup', 'mfrac', 'msqrt', 'munder',
  'mover', 'munderover', 'mspace', 'mtable', 'mtr', 'mtd',
])
const attributes = new Set(['mathvariant', 'stretchy', 'accent', 'displaystyle', 'width'])

function rebuilt(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.data)
  if (node.nodeType !== Node.ELEMENT_NODE || !elements.has(node.localName)) {
    return document.createTextNode('')
  }
  const copy = document.createElementNS(namespace, node.localName)
  for (const { name, value } of node.attributes) {
    if (attributes.has(name)) copy.setAttribute(name, value)
  }
  // Around one line of symbols they have its height, which fonts without mathematics get wrong.
  if (/^[(){}‖]$/.test(node.textContent)) copy.setAttribute('stretchy', 'false')
  copy.append(...[...node.childNodes].map(rebuilt))
  return copy
}

const known = new Map()

/** @param {string} text the inside of <math> @param {boolean} block */
export function math(text, block = false) {
  const key = `${block} ${text}`
  if (!known.has(key)) {
    const source = `<math xmlns="${namespace}"${block ? ' displaystyle="true"' : ''}>${text}</math>`
    const parsed = new DOMParser().parseFromString(source, 'application/xml')
    known.set(key, rebuilt(parsed.documentElement))
  }
  return known.get(key).cloneNode(true)
}
