// A learner's loss on the earlier tasks against its loss on the last, one point for each strength.
import { html, nothing, svg } from 'lit'
import { axisBottom, axisLeft } from 'd3-axis'
import { scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { formatValue, widthOf } from '../format.js'
import { hideTip, showTip } from '../help.js'
import { methodClass, round } from '../marks.js'
import { Plot } from './plot.js'

const margin = { top: 12, right: 22, bottom: 40, left: 56 }

/** Around all values, a little wider; before there are any, where losses often are. */
function domainOf(values) {
  if (!values.length) return [0.001, 1]
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return [low / 1.35, high * 1.35]
}

/** 1, 2, 5, 10 and so on; of many decades, fewer. */
function ticksOf([low, high], most) {
  const decades = Math.log10(high / low)
  const mantissas = decades * 3 <= most ? [1, 2, 5] : [1]
  const first = Math.floor(Math.log10(low))
  return Array.from({ length: Math.ceil(decades) + 2 }, (_, at) => mantissas.map((mantissa) => Number(`${mantissa}e${first + at}`)))
    .flat().filter((value) => value >= low && value <= high)
}

export class TradePlot extends Plot {
  static properties = {
    points: { attribute: false }, // {value, name, help, old, fresh, runs: [old, fresh][]}, by value
    references: { attribute: false }, // the same of methods to compare with, which have no value
    current: { attribute: false }, // the value in use
    learner: { attribute: false },
    label: { attribute: false },
    axes: { attribute: false }, // what they are called: old, new
  }

  get frame() {
    const { points, references, width } = this
    const height = Math.round(Math.min(440, Math.max(270, width * 0.62)))
    const all = [...points, ...references].flatMap(({ runs }) => runs)
    const x = scaleLog(domainOf(all.map(([old]) => old)), [margin.left, width - margin.right])
    const y = scaleLog(domainOf(all.map(([, fresh]) => fresh)), [height - margin.bottom, margin.top])
    return { width, height, x, y }
  }

  #press(event, at) {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      return this.#choose(at)
    }
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    this.querySelectorAll('[role=button]')[at + step]?.focus()
  }

  #choose(at) {
    this.dispatchEvent(new CustomEvent('choose', { detail: this.points[at].value }))
  }

  #point({ value, name, help, old, fresh }, at, { x, y }) {
    const { points, current } = this
    const here = value === current
    const said = here || at === 0 || at === points.length - 1
    const [left, top] = [round(x(old.median)), round(y(fresh.median))]
    const right = left < this.width / 2
    return svg`<g class="strength" role="button" tabindex=${here ? 0 : -1} aria-label=${help} data-help=${help}
        aria-pressed=${here ? 'true' : 'false'}
        @click=${() => this.#choose(at)} @keydown=${(event) => this.#press(event, at)}>
      <circle class="target" cx=${left} cy=${top} r="12" />
      ${here ? svg`<circle class="ring" cx=${left} cy=${top} r="9" />` : nothing}
      <circle class=${methodClass(this.learner)} cx=${left} cy=${top} r="5" />
      ${said ? svg`<text class="tag" x=${left + (right ? 9 : -10)} y=${top + (right ? -11 : 18)} text-anchor=${right ? 'start' : 'end'}>${name}</text>` : nothing}
    </g>`
  }

  #reference({ name, help, old, fresh }, { x, y }) {
    const [left, top] = [round(x(old.median)), round(y(fresh.median))]
    const wide = 6.6 * widthOf(name)
    const places = [9, -9 - wide].flatMap((by) => [0, -14, 14, -28, 28].map((up) => [left + by, top + up]))
    const taken = [...this.points, ...this.references].flatMap(({ runs }) => runs).map(([old, fresh]) => [x(old), y(fresh)])
    const isFree = ([from, at]) => from > margin.left && from + wide < this.width &&
      taken.every(([dotX, dotY]) => Math.abs(dotY - at) > 9 || dotX < from - 4 || dotX > from + wide + 4)
    const [from, at] = places.find(isFree) ?? places[0]
    return svg`<g role="img" aria-label=${help} data-help=${help} fill="currentColor" stroke-width="2">
      <circle class="target" cx=${left} cy=${top} r="12" />
      <path d="M${left - 5},${top - 5}l10,10m0,-10l-10,10" stroke="currentColor" />
      <text class="tag" x=${round(from)} y=${round(at + 4)}>${name}</text></g>`
  }

  render() {
    if (!this.width) return html`<div class="plot-space tall"></div>`
    const { points, references, learner, label, axes } = this
    const frame = this.frame
    const { width, height, x, y } = frame
    const joined = line(({ old }) => round(x(old.median)), ({ fresh }) => round(y(fresh.median)))(points) ?? ''
    return html`<svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="group" aria-label=${label}
        @pointerover=${showTip} @focusin=${showTip} @pointerout=${hideTip} @focusout=${hideTip}>
      <g class="axis grid x" transform="translate(0,${height - margin.bottom})"></g>
      <g class="axis grid y" transform="translate(${margin.left},0)"></g>
      <text class="axis-name" x=${width - margin.right} y=${height - 5} text-anchor="end">${axes[0]}</text>
      <text class="axis-name" transform="translate(11,${margin.top + (height - margin.top - margin.bottom) / 2})rotate(-90)"
        text-anchor="middle">${axes[1]}</text>
      ${points.flatMap(({ runs }) => runs.map(([old, fresh]) => svg`<circle class="seed ${methodClass(learner)}"
        cx=${round(x(old))} cy=${round(y(fresh))} r="2" />`))}
      <path class="curve thin ${methodClass(learner)}" d=${joined} />
      ${references.map((reference) => this.#reference(reference, frame))}
      ${points.map((point, at) => this.#point(point, at, frame))}
    </svg>`
  }

  updated() {
    if (!this.width) return
    const { x, y, width, height } = this.frame
    const key = `${width} ${x.domain()} ${y.domain()}`
    const axis = (make, scale, most, length) => make(scale).tickValues(ticksOf(scale.domain(), most))
      .tickFormat(formatValue).tickSize(-length).tickPadding(6)
    this.drawAxis('x', axis(axisBottom, x, width / 60, height - margin.top - margin.bottom), key)
    this.drawAxis('y', axis(axisLeft, y, height / 40, width - margin.left - margin.right), key)
  }
}

customElements.define('trade-plot', TradePlot)
