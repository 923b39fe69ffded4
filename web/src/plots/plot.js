// What the plots share: a width that follows the page, ids, axes, and thinning of long lines.
import { LitElement } from 'lit'
import { select } from 'd3-selection'

/** A view in the page's own tree, so that one style sheet and one set of ids serve all. */
export class View extends LitElement {
  createRenderRoot() {
    return this
  }
}

const sliceMs = 4 // of drawing plots in one animation frame; what is left waits for the next

/** @type {(() => void)[]} */
const waiting = []

async function drawWaiting() {
  const begun = performance.now()
  while (waiting.length && performance.now() - begun < sliceMs) {
    waiting.shift()()
    await null // draws
  }
  if (waiting.length) requestAnimationFrame(drawWaiting)
}

/** A plot's turn to draw: many of them at once would hold the page up for more than a frame. */
const turn = () => new Promise((resolve) => {
  if (waiting.push(resolve) === 1) requestAnimationFrame(drawWaiting)
})

/** @type {Map<string, number>} by text and font */
const widths = new Map()
let pen = null

/** How wide a text is in a font, such as "600 12px", of the element's family; in px. */
export function inkWidth(text, font, element) {
  const key = `${font} ${text}`
  if (!widths.has(key)) {
    pen ??= document.createElement('canvas').getContext('2d')
    pen.font = `${font} ${getComputedStyle(element).fontFamily}`
    widths.set(key, pen.measureText(text).width)
  }
  return widths.get(key)
}

let plots = 0

export class Plot extends View {
  static properties = { width: { state: true } }

  id_ = `plot-${++plots}`
  #observer

  constructor() {
    super()
    this.width = 0
  }

  connectedCallback() {
    super.connectedCallback()
    this.#observer = new ResizeObserver(([{ contentRect }]) => {
      this.width = Math.floor(contentRect.width)
    })
    this.#observer.observe(this)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    this.#observer.disconnect()
  }

  async scheduleUpdate() {
    await turn()
    super.scheduleUpdate()
  }

  #frame = null
  #frameOf = null

  /** What `makeFrame` gives: scales, and all that stays as it is while the network trains. */
  get frame() {
    if (this.#frameOf !== this.described || this.#frame?.width !== this.width) {
      this.#frame = this.makeFrame()
      this.#frameOf = this.described
    }
    return this.#frame
  }

  /** What `make` gives, again only for another key: it stays as it is between the ends of tasks. */
  kept(name, key, make) {
    const { frame } = this
    if (frame[name]?.key !== key) frame[name] = { key, made: make() }
    return frame[name].made
  }

  /** Draws a D3 axis into the group of this class, but only when its key has changed. */
  drawAxis(name, axis, key) {
    const group = this.querySelector(`g.${name}`)
    if (!group || group.dataset.key === key) return
    group.dataset.key = key
    select(group).call(axis)
  }
}

/**
 * Indices that draw a line of n points no differently on `pixels` columns: the first, lowest,
 * highest and last of each column.
 */
export function thinned(values, pixels) {
  const n = values.length
  if (n <= 4 * pixels) return Array.from({ length: n }, (_, index) => index)
  const kept = []
  for (let column = 0; column < pixels; column++) {
    const from = Math.floor((column * n) / pixels)
    const to = Math.floor(((column + 1) * n) / pixels)
    let low = from
    let high = from
    for (let at = from; at < to; at++) {
      if (values[at] < values[low]) low = at
      if (values[at] > values[high]) high = at
    }
    kept.push(...new Set([from, low, high, to - 1].sort((a, b) => a - b)))
  }
  return kept
}
