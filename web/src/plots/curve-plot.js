// One quantity over the whole training, one line a learner.
import { html, nothing, svg } from 'lit'
import { axisBottom, axisLeft } from 'd3-axis'
import { scaleLinear, scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { formatCount, formatCosine, formatDecade, formatLoss, formatShare } from '../format.js'
import { methodClass, round, taskClass } from '../marks.js'
import { recordedOf } from '../past.js'
import { strings } from '../strings.js'
import { lineKey } from '../views/keys.js'
import { inkWidth, Plot, thinned } from './plot.js'
import { plots, point, pointed, raise } from './pointing.js'

/** @import { Snapshot } from '../messages.js' */

const most = 1e4 // a loss beyond is on its way to divergence, and leaves the panel
const labelGap = 13 // px between two direct labels
const labelStart = 26 // px right of the frame, after a piece of the line
const roomy = 58 // px of a stretch, for "trains A" above it
const reach = 8 // px from a line, within which it is pointed at

/** How each quantity is drawn. */
export const quantities = {
  loss: { log: true, format: formatLoss },
  penalty: { log: true, format: formatLoss },
  accuracy: { log: false, format: formatShare },
  cosine: { log: false, format: formatCosine },
}

/**
 * What all curves of losses or penalties need, the same in every panel; from a whole decade, so that
 * it seldom moves.
 * @param {Snapshot} snapshot @param {(learner: object) => Float64Array[]} seriesOf
 * @param {Float64Array[]} [more]  that shall fit in as well
 */
export function logDomain(snapshot, seriesOf, more = []) {
  let low = 0.01
  let high = 0.5
  const learners = snapshot.learners.filter(({ status }) => status !== 'diverged')
  for (const values of [...learners.flatMap(seriesOf), ...more]) {
    for (const value of values) {
      if (!(value > 0) || !Number.isFinite(value)) continue
      if (value < low) low = value
      if (value > high) high = value
    }
  }
  return [10 ** Math.max(-12, Math.floor(Math.log10(low))), Math.min(most, 1.4 * high)]
}

/** Moves labels apart, as little as it takes, between `from` and `to`. */
export function spread(labels, from, to) {
  const sorted = [...labels].sort((a, b) => a.y - b.y)
  let floor = from
  for (const label of sorted) {
    label.at = Math.max(label.y, floor)
    floor = label.at + labelGap
  }
  let ceiling = to
  for (const label of sorted.reverse()) {
    label.at = Math.min(label.at, ceiling)
    ceiling = label.at - labelGap
  }
  return labels
}

/** Of ascending numbers, the place of the one nearest to this. */
function nearest(numbers, to) {
  const after = numbers.findIndex((number) => number >= to)
  if (after < 1) return after ? numbers.length - 1 : 0
  return numbers[after] - to < to - numbers[after - 1] ? after : after - 1
}

const isRaised = (learner) => methodClass(learner) === pointed.method

/** Powers of ten, as many as there is room for. */
function decadesOf(domain, height) {
  const [low, high] = domain.map((value) => Math.floor(Math.log10(value) + 1e-9))
  const every = Math.ceil((high - low) / Math.max(2, height / 45))
  return Array.from({ length: high - low + 1 }, (_, at) => low + at)
    .filter((_, at) => at % every === 0).map((exponent) => 10 ** exponent)
}

const cut = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text)

/** A name gives way to what tells it from others of the same method. */
function shorten(text, most) {
  if (/^[^,]+ = /.test(text)) return cut(text, most) // a value first
  const [name, ...detail] = text.split(', ')
  const rest = detail.map((part) => `, ${part}`).join('')
  return cut(cut(name, Math.max(4, most - rest.length)) + rest, most)
}

/** Ticks at the ends of a few tasks, else at round numbers. */
const steps = (axis, { boundaries }, width) => (boundaries.length > 2 && boundaries.length < width / 80
  ? axis.tickValues([0, ...boundaries]) : axis.ticks(Math.max(2, width / 110)))

export class CurvePlot extends Plot {
  static properties = {
    described: { attribute: false },
    snapshot: { attribute: false },
    series: { attribute: false }, // of every learner, along its recorded steps
    bands: { attribute: false }, // behind the line of every learner, or undefined
    live: { attribute: false }, // {snapshot, series} where the training stands, if another moment is shown
    quantity: { attribute: false },
    axis: { attribute: false }, // what the quantity is called
    label: { attribute: false }, // what the plot is called
    task: { attribute: false }, // whose stretch is tinted, or null
    names: { attribute: false },
    domain: { attribute: false },
    reference: { attribute: false }, // {value, text} to compare the quantity with, or undefined
  }

  get frame() {
    const { width, described, names, domain, quantity } = this
    const height = Math.round(Math.min(340, Math.max(200, width * 0.4)))
    const most = Math.min(30, Math.max(14, Math.round(width / 24)))
    const labels = names.map((name) => shorten(name, most))
    const room = Math.max(...labels.map((label) => inkWidth(label, '600 12px', this))) + labelStart + 2
    const margin = { top: 20, right: Math.max(14, Math.round(room)), bottom: 38, left: 50 }
    const x = scaleLinear([0, described.steps], [margin.left, width - margin.right])
    const y = (quantities[quantity].log ? scaleLog : scaleLinear)(domain, [height - margin.bottom, margin.top])
    return { width, height, margin, x, y, labels }
  }

  /** The stretches in which each task is trained; the panel's own is tinted. */
  #stretches({ x, height, margin }) {
    const { described, task, snapshot } = this
    const begin = (at) => x(at ? described.boundaries[at - 1] : 0)
    const wide = ({ name }) => inkWidth(name, '700 11.5px', this) + 4
    let free = 0 // right of the names so far
    return described.tasks.map((own, at) => {
      const { name } = own
      const [from, to] = [begin(at), x(described.boundaries[at])]
      const apart = at === snapshot.task || (from >= free && (at > snapshot.task || from + wide(own) <= begin(snapshot.task)))
      const said = to - from >= roomy ? strings.training(name) : apart ? name : ''
      if (said) free = from + wide(own)
      return svg`
        ${at === task ? svg`<rect class="stretch ${taskClass(at)}" x=${round(from)} y=${margin.top}
          width=${round(to - from)} height=${height - margin.top - margin.bottom} />` : nothing}
        ${at ? svg`<path class="boundary" d="M${round(from)},${margin.top - (said ? 14 : 0)}V${height - margin.bottom}" />` : nothing}
        <text class="stretch-name ${at === snapshot.task ? 'current' : ''}" x=${round(from) + (said === name ? 3 : 5)} y=${margin.top - 6}>
          ${said}</text>`
    })
  }

  #areas = new WeakMap()
  #paths = new WeakMap()

  /** A learner's line; again only where something of it has changed. */
  #path(curves, values, { x, y, width }) {
    const { log } = quantities[this.quantity]
    const key = `${width} ${x.range()} ${y.domain()}`
    if (this.#paths.get(values)?.key !== key) {
      const draw = line((at) => round(x(curves.step[at])), (at) => round(y(values[at])))
        .defined((at) => Number.isFinite(values[at]) && (!log || values[at] > 0))
      this.#paths.set(values, { key, path: draw(thinned(values, width)) ?? '' })
    }
    return this.#paths.get(values).path
  }

  /** From the lowest to the highest of several runs, the whole training long. */
  #area(learner, { x, y, width }) {
    const band = this.bands?.[learner]
    if (!band) return nothing
    const key = `${width} ${x.range()} ${y.domain()}`
    if (this.#areas.get(band)?.key !== key) {
      const [floor] = y.domain()
      const edge = (values) => thinned(values, width).map((at) => [x(band.step[at]), y(Math.max(floor, values[at]))].map(round))
      this.#areas.set(band, { key, path: `${line()([...edge(band.high), ...edge(band.low).reverse()])}Z`, median: line()(edge(band.median)) })
    }
    const { path, median } = this.#areas.get(band)
    return svg`<path class="band ${methodClass(learner)}" d=${path} /><path class="median ${methodClass(learner)}" d=${median} />`
  }

  /** The moment that is shown, and what came after it. */
  #ahead(frame) {
    const { live, snapshot } = this
    if (!live) return nothing
    const { x, height, margin } = frame
    const now = round(x(snapshot.step))
    const lines = live.snapshot.learners.map(({ curves }, learner) => svg`<path class="curve ahead-of ${methodClass(learner)}"
      d=${this.#path(curves, live.series[learner], frame)} />`)
    return svg`<g clip-path="url(#${this.id_})">${lines}</g>
      <path class="moment" d="M${now},${margin.top}V${height - margin.bottom}" />`
  }

  // What is pointed at

  connectedCallback() {
    super.connectedCallback()
    plots.add(this)
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    plots.delete(this)
  }

  willUpdate(changed) {
    if (changed.has('described')) raise() // what had the focus may be gone
  }

  /** All that is drawn, what came after the moment that is shown included. */
  get #drawn() {
    const { snapshot, series } = this.live ?? this
    return { snapshot, series, steps: recordedOf(snapshot) }
  }

  /** The nearest recorded step to the one that is pointed at, with each learner's value, as the lines lie; or null. */
  #pointed({ y }) {
    if (pointed.step === null) return null
    const { snapshot, series, steps } = this.#drawn
    const at = nearest(steps, pointed.step)
    const { log } = quantities[this.quantity]
    const rows = snapshot.learners.map(({ curves }, learner) => ({ learner, value: series[learner][curves.step.indexOf(steps[at])] }))
      .filter(({ value }) => !Number.isNaN(value ?? NaN)).sort((a, b) => b.value - a.value)
      .map((row) => ({ ...row, y: round(y(log ? Math.max(row.value, Number.MIN_VALUE) : row.value)) }))
    return { at, step: steps[at], rows }
  }

  #move = ({ currentTarget, clientX, clientY, pointerType }) => {
    const { frame } = this
    const { x, width, margin } = frame
    const { left, top, width: wide } = currentTarget.getBoundingClientRect()
    const [across, down] = [clientX - left, clientY - top].map((length) => (length * width) / wide)
    if (across < margin.left - reach || across > width - margin.right + reach) return this.#leave()
    this.byFinger = pointerType === 'touch'
    point({ step: Math.min(this.described.steps, Math.max(0, x.invert(across))), plot: this })
    const off = ({ y }) => Math.abs(y - down)
    const [near] = this.#pointed(frame).rows.sort((a, b) => off(a) - off(b))
    raise(near && off(near) <= reach ? methodClass(near.learner) : '')
  }

  /** A finger that is lifted leaves what it pointed at, to be read. */
  #leave = (event) => {
    if (event?.type === 'pointerleave' && event.pointerType === 'touch') return
    if (pointed.plot === this) point({ step: null, plot: null })
  }

  /** Whether the page has what leads back from an earlier moment. */
  get #opens() {
    return document.querySelector('.transport')?.offsetHeight > 0
  }

  /** Lets the page show the step that is pointed at; not by a finger, which cannot point without pressing. */
  #open = (event) => {
    const here = this.#pointed(this.frame)
    if (here && this.#opens && !(event.type === 'click' && this.byFinger)) this.dispatchEvent(new CustomEvent('moment', { detail: here.step, bubbles: true }))
  }

  /** Left and right are the slider's own; up and down go from line to line. */
  #press = (event) => {
    const { key } = event
    if (key === 'Enter') return this.#open(event)
    if (key === 'Escape') return this.#blur()
    const by = { ArrowUp: -1, ArrowDown: 1 }[key]
    const rows = this.#pointed(this.frame)?.rows
    if (!by || !rows?.length) return
    event.preventDefault()
    const at = rows.findIndex(({ learner }) => isRaised(learner))
    raise(methodClass(rows.at(at < 0 && by < 0 ? -1 : (at + by) % rows.length).learner))
  }

  #blur = () => {
    this.#leave()
    raise('')
  }

  /** For the keys, and for readers of the screen: it lies over the plot, unseen until it has the focus. */
  #slider(here) {
    const { steps } = this.#drawn
    const rows = here && [...here.rows].sort((a, b) => isRaised(b.learner) - isRaised(a.learner))
    return html`<input type="range" class="pointer" min="0" max=${steps.length - 1} .value=${String(here?.at ?? recordedOf(this.snapshot).length - 1)}
      aria-label=${strings.openMoment(this.label)}
      aria-valuetext=${here ? strings.curveDescription(formatCount(here.step), this.#inWords(rows)) : nothing}
      @focus=${() => point({ step: this.snapshot.step, plot: this })} @blur=${this.#blur} @keydown=${this.#press}
      @input=${({ target }) => point({ step: steps[target.valueAsNumber], plot: this })}>`
  }

  #inWords(rows) {
    return rows.map(({ learner, value }) => `${this.names[learner]} ${quantities[this.quantity].format(value)}`).join(', ')
  }

  #crosshair({ step, rows }, { x, height, margin }) {
    const at = round(x(step))
    return svg`<path class="crosshair" d="M${at},${margin.top}V${height - margin.bottom}" /><g class="dots" clip-path="url(#${this.id_})">
      ${rows.filter(({ y }) => Number.isFinite(y)).map(({ learner, y }) => svg`<circle class=${methodClass(learner)} cx=${at} cy=${y} r="3.5" />`)}</g>`
  }

  /** Beside the crosshair: on the right, where there is room, since the labels there say no more. */
  #readout({ step, rows }, { x, width, margin, labels }) {
    const at = Math.round(x(step)) + 10
    const place = at < Math.max(width / 2, width - 230) ? `left: ${at}px; max-width: ${width - at}px` : `right: ${width - at + 20}px; max-width: ${at - 20}px`
    return html`<div class="readout" aria-hidden="true" .style=${`top: ${margin.top + 4}px; ${place}`}>
      <p>${strings.stepShort(formatCount(step))}</p>
      ${rows.map(({ learner, value }) => html`<p class=${methodClass(learner)}>${lineKey(learner)}<span>${labels[learner]}</span>
        <b>${quantities[this.quantity].format(value)}</b></p>`)}
      ${step === this.snapshot.step || this.byFinger || !this.#opens ? nothing : html`<p>${strings.pointHint}</p>`}</div>`
  }

  #reference({ y, width, margin }) {
    if (!this.reference) return nothing
    const { value, text } = this.reference
    return svg`<path class="reference" d="M${margin.left},${round(y(value))}H${width - margin.right}" />
      <text class="reference-name" x=${width - margin.right - 4} y=${round(y(value)) + 13} text-anchor="end">${text}</text>`
  }

  #lines(frame) {
    const { x, y, width, height, margin, labels } = frame
    const { described, snapshot, series, quantity } = this
    const { log } = quantities[quantity]
    const drawable = (value) => Number.isFinite(value) && (!log || value > 0)
    const ends = []
    const top = margin.top - 2
    const order = [...snapshot.learners.keys()].sort((a, b) => isRaised(a) - isRaised(b)) // what is raised is above the others
    const lines = order.map((learner) => {
      const { curves } = snapshot.learners[learner]
      const values = series[learner]
      const last = values.findLastIndex(drawable)
      if (last >= 0) {
        ends.push({ learner, x: x(curves.step[last]), y: Math.max(top, y(values[last])), text: labels[learner] })
      }
      return svg`<path class="curve ${methodClass(learner)}" d=${this.#path(curves, values, frame)} />`
    })
    const edge = width - margin.right
    const tags = spread(ends, margin.top + 6, height - margin.bottom - 4).map((end) => svg`
      <circle class=${methodClass(end.learner)} cx=${round(end.x)} cy=${round(end.y)} r="2.6" />
      <path class="tag-line ${methodClass(end.learner)}" d="M${edge + 6},${round(end.at)}h${labelStart - 10}" />
      <text class="tag ${methodClass(end.learner)}" x=${edge + labelStart} y=${round(end.at) + 4}>${end.text}</text>`)
    const marks = (described.experiment?.alterations ?? []).map(({ learner, step }) => {
      const { step: steps } = snapshot.learners[learner].curves
      const value = series[learner][steps.findLastIndex((recorded) => recorded <= step)]
      return step > snapshot.step || !drawable(value) ? nothing
        : svg`<circle class="altered ${methodClass(learner)}" cx=${round(x(step))} cy=${round(y(value))} r="4" />`
    })
    const areas = order.map((learner) => this.#area(learner, frame))
    return [svg`<g clip-path="url(#${this.id_})">${areas}${lines}${marks}</g>`, tags]
  }

  render() {
    if (!this.width) return html`<div class="plot-space tall"></div>`
    const { snapshot, series, axis, label, names } = this
    const frame = this.frame
    const { width, height, margin } = frame
    const values = this.#inWords(names.map((_, learner) => ({ learner, value: series[learner].at(-1) })))
    const here = this.#pointed(frame)
    return html`
      <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img"
        @pointermove=${this.#move} @pointerdown=${this.#move} @pointerleave=${this.#leave} @pointercancel=${this.#blur} @click=${this.#open}
        aria-label="${label}. ${strings.curveDescription(formatCount(snapshot.step), values)}">
        <clipPath id=${this.id_}><rect x=${margin.left - 2} y=${margin.top - 4}
          width=${width - margin.left} height=${height - margin.top - margin.bottom + 6} /></clipPath>
        <g class="axis grid y" transform="translate(${margin.left},0)"></g>
        ${this.#stretches(frame)}
        <g class="axis x" transform="translate(0,${height - margin.bottom})"></g>
        <text class="axis-name" x=${width - margin.right} y=${height - 4} text-anchor="end">${strings.step}</text>
        <text class="axis-name" transform="translate(10,${(margin.top + height - margin.bottom) / 2})rotate(-90)"
          text-anchor="middle">${axis}</text>
        ${this.#ahead(frame)}
        ${this.#reference(frame)}
        ${this.#lines(frame)}
        ${here ? this.#crosshair(here, frame) : nothing}
      </svg>${this.#slider(here)}${here && pointed.plot === this ? this.#readout(here, frame) : nothing}`
  }

  updated() {
    if (!this.width) return
    const { x, y, width, height, margin } = this.frame
    const { log } = quantities[this.quantity]
    const key = `${width} ${height} ${x.domain()} ${x.range()} ${y.domain()} ${log}`
    const left = log ? axisLeft(y).tickValues(decadesOf(this.domain, height)).tickFormat(formatDecade)
      : axisLeft(y).ticks(Math.max(2, height / 45))
    this.drawAxis('x', steps(axisBottom(x), this.described, width).tickFormat(formatCount).tickSize(4), key)
    this.drawAxis('y', left.tickSize(-(width - margin.left - margin.right)).tickPadding(6), key)
  }
}

customElements.define('curve-plot', CurvePlot)
