// One learner: the data of each task, the true functions, and what the network computes.
import { html, nothing, svg } from 'lit'
import { axisBottom, axisLeft } from 'd3-axis'
import { extent } from 'd3-array'
import { scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'
import { marksPath, methodClass, round, taskClass } from '../marks.js'
import { strings } from '../strings.js'
import { keptOf, lastEnded } from './pictures.js'
import { inkWidth, Plot } from './plot.js'

/** @import { Description } from '../messages.js' */

const mostEnds = 5 // tasks, beyond which only the last one's end is drawn
const sparse = 40 // points, below which each is drawn larger
const few = 12 // kept examples, below which each ring is drawn to be found

/** What the network is to answer: numbers, or classes by their number. */
const answersOf = ({ targets, labels }) => targets ?? labels

/** The ranges of both axes, the same for every learner. @param {Description} described */
export function fitDomain({ tasks, grid }) {
  const values = tasks.flatMap(({ train, truth }) => [...extent(answersOf(train)), ...extent(truth?.y ?? [])])
  const [low, high] = extent(values.filter((value) => value !== undefined))
  const margin = 0.3 * (high - low || 1)
  return { x: extent(grid.x), y: [low - margin, high + margin] }
}

const byGrid = (xs, x, y) => (values) =>
  line((_, at) => round(x(xs[at])), (value) => round(y(value))).defined(Number.isFinite)(values)

/** Points of a task's training data in pixels; the first column of input and target. */
function points({ inputs, count, ...train }, x, y) {
  const answers = answersOf(train)
  const width = inputs.length / count
  const outputs = answers.length / count
  return Array.from({ length: count }, (_, at) => [x(inputs[at * width]), y(answers[at * outputs])])
}

export class FitPlot extends Plot {
  static properties = {
    described: { attribute: false },
    learner: { attribute: false },
    index: { attribute: false },
    name: { attribute: false },
    values: { attribute: false },
  }

  makeFrame() {
    const { width, described } = this
    const height = Math.round(Math.min(260, Math.max(130, width * 0.66)))
    const margin = { top: 15, right: 6, bottom: 33, left: 29 }
    const domain = fitDomain(described)
    const x = scaleLinear(domain.x, [margin.left, width - margin.right])
    const y = scaleLinear(domain.y, [height - margin.bottom, margin.top])
    const still = described.tasks.map((task, at) => svg`
      <path class="data ${taskClass(at)} ${task.train.count < sparse ? 'sparse' : ''}"
        d=${marksPath(at, points(task.train, x, y), task.train.count < sparse ? 2.8 : 1.9)} />`)
    const truths = described.tasks.map(({ truth }) => truth && svg`
      <path class="truth" d=${byGrid(truth.x, x, y)(truth.y)} />`)
    const taken = [[0, margin.left + 14]] // by the axis' name, and the names so far
    const ranges = described.tasks.map(({ range, name }, at) => {
      if (!range) return nothing
      const [from, to] = range.map((end) => round(x(end)))
      const half = inkWidth(name, '600 12px', this) / 2
      const middle = (from + to) / 2
      const fits = 2 * half <= to - from + 8 && (at === 0 || taken.every(([start, end]) => middle + half <= start || middle - half >= end))
      if (fits) taken.push([middle - half, middle + half])
      return svg`<path class="range ${taskClass(at)}" d="M${from},${height - margin.bottom}H${to}" />
        ${fits ? svg`<text class="range-name ${taskClass(at)}" x=${middle} y=${margin.top - 4}>${name}</text>` : nothing}`
    })
    return { width, height, margin, x, y, still, truths, ranges }
  }

  render() {
    const { described, learner, index, name, values } = this
    if (!this.width) return html`<div class="plot-space"></div>`
    const { width, height, margin, x, y, still, truths, ranges } = this.frame
    const draw = byGrid(described.grid.x, x, y)
    const last = lastEnded(learner.fit, described)
    const rings = this.kept('rings', `${learner.fit.ends.length} ${learner.fit.kept.length}`, () =>
      keptOf(learner.fit, described).map((places, task) => {
        const all = points(described.tasks[task].train, x, y)
        const own = places.length < few
        return svg`<path class="kept ${own ? 'few' : ''}" d=${marksPath(0, places.map((at) => all[at]), own ? 5 : 3.2)} />`
      }))
    const first = described.tasks.length > mostEnds ? last : 0
    return html`
      <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img"
        aria-label="${strings.fitName(name)}. ${values}">
        <clipPath id=${this.id_}><rect x=${margin.left} y=${margin.top}
          width=${Math.max(0, width - margin.left - margin.right)} height=${height - margin.top - margin.bottom} /></clipPath>
        <g class="axis x" transform="translate(0,${height - margin.bottom})"></g>
        <g class="axis y" transform="translate(${margin.left},0)"></g>
        <text class="axis-name" x=${width - margin.right} y=${height - 3} text-anchor="end">${width < 200 ? strings.inputShort : strings.input}</text>
        <text class="axis-name" x="2" y=${margin.top - 4}>${width < 200 ? strings.outputShort : strings.output}</text>
        ${ranges}
        ${still}
        <g clip-path="url(#${this.id_})">
          ${truths}
          ${learner.fit.ends.map((end, at) => at < first || at > last ? nothing : svg`<path class="end ${taskClass(at)}" d=${draw(end)} />`)}
          <path class="now ${methodClass(index)}" d=${draw(learner.fit.now)} />
        </g>
        ${rings}
      </svg>`
  }

  updated() {
    if (!this.width) return
    const { x, y, width, height } = this.frame
    const key = `${width} ${x.domain()} ${y.domain()}`
    this.drawAxis('x', axisBottom(x).ticks(Math.max(2, width / 60)).tickSize(4).tickPadding(3), key)
    this.drawAxis('y', axisLeft(y).ticks(Math.max(2, height / 50)).tickSize(4).tickPadding(3), key)
  }
}

customElements.define('fit-plot', FitPlot)
