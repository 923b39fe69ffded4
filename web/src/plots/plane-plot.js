// One learner of a classification in the plane: the points of each task, and the class that the
// network gives to every place.
import { html, nothing, svg } from 'lit'
import { axisBottom, axisLeft } from 'd3-axis'
import { scaleLinear } from 'd3-scale'
import { marksPath, methodClass, round, taskClass } from '../marks.js'
import { strings } from '../strings.js'
import { classesOf, keptOf, lastEnded } from './pictures.js'
import { Plot } from './plot.js'
import { regions } from './regions.js'

const mostMarks = 480 // in one panel, of all tasks
const sparse = 4 // tasks, up to which the marks are larger

/** Of a task's points those of one class, of many one in so many: [x, y] in pixels. */
function pointsOf({ inputs, labels, count }, label, most, x, y) {
  const every = Math.max(1, Math.ceil(count / most))
  const points = []
  let seen = 0
  for (let at = 0; at < count; at++) {
    if (labels[at] === label && seen++ % every === 0) points.push([x(inputs[2 * at]), y(inputs[2 * at + 1])])
  }
  return points
}

export class PlanePlot extends Plot {
  static properties = {
    described: { attribute: false },
    learner: { attribute: false },
    index: { attribute: false },
    name: { attribute: false },
    values: { attribute: false },
  }

  makeFrame() {
    const { width, described } = this
    const { grid, tasks } = described
    const margin = { top: 6, right: 6, bottom: 33, left: 29 }
    const span = (values) => values.at(-1) - values[0] || 1
    const across = width - margin.left - margin.right
    const shape = Math.min(1.1, Math.max(0.6, span(grid.y) / span(grid.x)))
    const height = Math.round(across * shape) + margin.top + margin.bottom
    const x = scaleLinear([grid.x[0], grid.x.at(-1)], [margin.left, width - margin.right])
    const y = scaleLinear([grid.y[0], grid.y.at(-1)], [height - margin.bottom, margin.top])
    const classes = classesOf(described)
    const most = mostMarks / tasks.length
    const radius = width < 200 || tasks.length > sparse ? 1.8 : 2.3
    const marks = tasks.map(({ train }, task) => [...new Set(train.labels)].sort((a, b) => a - b)
      .map((label, place) => svg`<path class="point ${taskClass(task)} ${place ? 'hollow' : ''}"
        d=${marksPath(task, pointsOf(train, label, most, x, y), radius)} />`))
    const pixels = { x: [...grid.x].map((at) => round(x(at))), y: [...grid.y].map((at) => round(y(at))) }
    return { width, height, margin, x, y, classes, marks, pixels, radius }
  }

  /** The border at the end of the task before the one that is trained; it never changes. */
  #end(frame) {
    const { described, learner } = this
    const task = lastEnded(learner.fit, described)
    if (task < 0) return nothing
    const path = this.kept('end', task, () => regions(learner.fit.ends[task], frame.pixels.x, frame.pixels.y).border)
    return svg`<path class="end ${taskClass(task)}" d=${path} />`
  }

  /** The examples that a memory keeps, ringed. */
  #kept({ x, y, radius }) {
    const { described, learner: { fit } } = this
    return this.kept('rings', `${fit.ends.length} ${fit.kept.length}`, () => keptOf(fit, described).map((places, task) => {
      const { inputs, labels } = described.tasks[task].train
      const classes = [...new Set(labels)].sort((a, b) => a - b)
      const points = (some) => some.map((at) => [x(inputs[2 * at]), y(inputs[2 * at + 1])])
      return [classes.map((label, place) => svg`<path class="point ${taskClass(task)} ${place ? 'hollow' : ''}"
        d=${marksPath(task, points(places.filter((at) => labels[at] === label)), radius)} />`),
      svg`<path class="kept" d=${marksPath(0, points(places), radius + 1.4)} />`]
    }))
  }

  #tint(label, classes) {
    const { task, place } = classes.get(label) ?? { task: null, place: 0 }
    return `region ${task === null ? 'shared' : taskClass(task)} ${place % 2 ? 'light' : ''}`
  }

  render() {
    const { learner, index, name, values } = this
    if (!this.width) return html`<div class="plot-space"></div>`
    const frame = this.frame
    const { width, height, margin, classes, marks, pixels } = frame
    const { fills, border } = regions(learner.fit.now, pixels.x, pixels.y)
    const [input, other] = width < 200 ? strings.planeShort : strings.plane
    return html`
      <svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img"
        aria-label="${strings.planeName(name)}. ${values}">
        ${[...fills].map(([label, path]) => svg`<path class=${this.#tint(label, classes)} d=${path} />`)}
        ${marks}${this.#kept(frame)}
        ${this.#end(frame)}
        <path class="now ${methodClass(index)}" d=${border} />
        <g class="axis x" transform="translate(0,${height - margin.bottom})"></g>
        <g class="axis y" transform="translate(${margin.left},0)"></g>
        <text class="axis-name" x=${width - margin.right} y=${height - 3} text-anchor="end">${input}</text>
        <text class="axis-name" x=${margin.left + 4} y=${margin.top + 10}>${other}</text>
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

customElements.define('plane-plot', PlanePlot)
