// A plane of parameter space: the valleys of two tasks' losses, the paths of learners through them, and
// where they begin and end.
import { html, nothing, svg } from 'lit'
import { axisBottom, axisLeft } from 'd3-axis'
import { scaleLinear } from 'd3-scale'
import { formatValue, widthOf } from '../format.js'
import { marksPath, methodClass, round, taskClass } from '../marks.js'
import { Plot } from '../plots/plot.js'
import { columns, rows } from './slice.js'

const margin = { top: 8, right: 8, bottom: 42, left: 56 }
const labelHeight = 15 // px
const letter = 6.6 // px, about
const shapes = { start: 2, anchor: 3, end: 0 } // of marksPath: square, diamond, circle

/** Whether two boxes [x, y, width] of a label's height are apart. */
const apart = ([x, y, width], [toX, toY, toWidth]) =>
  Math.abs(y - toY) >= labelHeight || x + width < toX || toX + toWidth < x

export class SlicePlot extends Plot {
  static properties = {
    grid: { attribute: false }, // gridOver
    valleys: { attribute: false }, // by task drawn: valleysOf
    tasks: { attribute: false }, // their places among all
    names: { attribute: false }, // of the valleys
    paths: { attribute: false }, // {learner, points: {x, y}[], reached: how many of them}[]
    marks: { attribute: false }, // {kind, learner, name, x, y, off}[]
    axes: { attribute: false }, // what they are called
    label: { attribute: false },
  }

  #still = null // what is drawn and does not move, until something else changes

  get frame() {
    const { width, grid: { xs, ys } } = this
    const height = Math.round(Math.min(540, Math.max(300, width * 0.68)))
    const x = scaleLinear([xs[0], xs.at(-1)], [margin.left, width - margin.right])
    const y = scaleLinear([ys[0], ys.at(-1)], [height - margin.bottom, margin.top])
    return { width, height, x, y }
  }

  #inside({ width, height }, [x, y], edge = 0) {
    return x >= margin.left + edge && x <= width - margin.right - edge && y >= margin.top + edge && y <= height - margin.bottom - edge
  }

  /** Rings in pixels. */
  #placed({ width, height }, rings) {
    const across = (width - margin.left - margin.right) / (columns - 1)
    const up = (height - margin.top - margin.bottom) / (rows - 1)
    return rings.map((ring) => ring.map(([column, row]) => [margin.left + column * across, height - margin.bottom - row * up]))
  }

  #valley(frame, which, { level, rings }) {
    const path = this.#placed(frame, rings).map((ring) => `M${ring.map((point) => point.map(round).join(',')).join('L')}Z`).join('')
    return svg`<path class="valley ${taskClass(this.tasks[which])} ${which ? 'second' : ''}" data-level=${level} d=${path} />`
  }

  /** The level, where the contour comes farthest to the right, of the second task to the left; unless something is there. */
  #level(frame, which, { level, rings }, taken) {
    const text = formatValue(level)
    const wide = letter * text.length
    const points = this.#placed(frame, rings).flat().filter((point) => this.#inside(frame, point, 14))
    const sorted = points.sort(([a], [b]) => (which ? a - b : b - a))
    const free = sorted.map(([x, y]) => [which ? x : x - wide, y, wide]).find((box) => taken.every((other) => apart(box, other)))
    if (!free) return nothing
    taken.push(free)
    return svg`<text class="level ${taskClass(this.tasks[which])}" x=${round(free[0])} y=${round(free[1] + 4)}>${text}</text>`
  }

  /** The valley's name where it is deepest: in the middle of its lowest lines, else on one of them. */
  #valleyName(frame, which, taken) {
    const deep = this.valleys[which].filter(({ rings }) => rings.length).slice(0, 3)
    const points = deep.flatMap(({ rings }) => this.#placed(frame, rings)).flat().filter((point) => this.#inside(frame, point, 10))
    const text = this.names[which]
    const wide = 1.2 * letter * widthOf(text)
    const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length)
    const free = [middle, ...points].map(([x, y]) => [x - wide / 2, y, wide]).find((box) => this.#inside(frame, box, 4) && this.#inside(frame, [box[0] + wide, box[1]], 4) &&
      [-4, 4].every((up) => taken.every((other) => apart([box[0], box[1] + up, wide], other))))
    if (!free) return nothing
    taken.push(free)
    return svg`<text class="valley-name ${taskClass(this.tasks[which])}" x=${round(free[0])} y=${round(free[1] + 5)}>${text}</text>`
  }

  /** Boxes along a path. */
  #strip({ x, y }, points) {
    const places = points.map((point) => [x(point.x), y(point.y)])
    return places.slice(1).flatMap(([toX, toY], at) => {
      const [fromX, fromY] = places[at]
      const count = Math.ceil(Math.hypot(toX - fromX, toY - fromY) / labelHeight)
      return Array.from({ length: count }, (_, part) =>
        [fromX + ((part + 0.5) / count) * (toX - fromX), fromY + ((part + 0.5) / count) * (toY - fromY), 0])
    })
  }

  /** The names beside their marks, moved up or down until none covers another. */
  #names(frame, taken) {
    const placed = this.marks.map((mark) => ({ ...mark, left: frame.x(mark.x), top: frame.y(mark.y) }))
      .filter(({ left, top }) => this.#inside(frame, [left, top]))
    taken.push(...placed.map(({ left, top }) => [left - 5, top, 10]))
    return placed.map(({ name, left, top, learner }) => {
      const wide = letter * widthOf(name)
      const right = left + 12 + wide < frame.width - margin.right
      const tries = [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6].map((by) => [right ? left + 12 : left - 12 - wide, top + by * labelHeight, wide])
      const box = tries.find((box) => this.#inside(frame, [box[0] + 1, box[1]], 6) && taken.every((other) => apart(box, other))) ?? tries[0]
      taken.push(box)
      const moved = Math.abs(box[1] - top) > 1
      return svg`${moved ? svg`<path class="leader" d="M${round(left)},${round(top)}L${round(right ? box[0] - 2 : box[0] + wide + 2)},${round(box[1])}" />` : nothing}
        <text class="tag ${learner === null ? '' : methodClass(learner)}" x=${round(box[0])} y=${round(box[1] + 4)}>${name}</text>`
    })
  }

  #mark({ x, y }, { kind, learner, off, ...at }) {
    const [left, top] = [x(at.x), y(at.y)]
    if (!this.#inside(this.frame, [left, top])) return nothing
    return svg`<path class="place ${learner === null ? '' : methodClass(learner)} ${off ? 'off' : ''}" data-kind=${kind}
      d=${marksPath(shapes[kind], [[left, top]], 4.5)} />`
  }

  #path({ x, y }, { learner, points, reached }) {
    const line = (some) => `M${some.map((point) => `${round(x(point.x))},${round(y(point.y))}`).join('L')}`
    const here = points[reached - 1]
    return svg`<path class="curve thin ${methodClass(learner)}" d=${line(points)} />
      <path class="curve ${methodClass(learner)}" d=${line(points.slice(0, reached))} />
      <circle class="here" cx=${round(x(here.x))} cy=${round(y(here.y))} r="8" />`
  }

  /** All but where the paths are. */
  #drawStill(frame) {
    const { valleys } = this
    const taken = this.paths.flatMap(({ points }) => this.#strip(frame, points))
    const names = this.#names(frame, taken)
    const valleyNames = valleys.map((_, which) => this.#valleyName(frame, which, taken))
    const levels = valleys.map((all, which) => all.map((valley) => this.#level(frame, which, valley, taken)))
    return {
      below: valleys.map((all, which) => all.map((valley) => this.#valley(frame, which, valley))),
      above: [[...this.marks].reverse().map((mark) => this.#mark(frame, mark)), levels, valleyNames, names], // the first mark on top
    }
  }

  willUpdate(changed) {
    if (['width', 'grid', 'valleys', 'tasks', 'marks'].some((name) => changed.has(name))) this.#still = null
  }

  render() {
    if (!this.width || !this.grid) return html`<div class="plot-space tall"></div>`
    const { frame, label, axes, id_ } = this
    const { width, height } = frame
    const { below, above } = (this.#still ??= this.#drawStill(frame))
    return html`<svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
      <clipPath id=${id_}><rect x=${margin.left} y=${margin.top} width=${width - margin.left - margin.right}
        height=${height - margin.top - margin.bottom} /></clipPath>
      <g clip-path="url(#${id_})">
        ${below}
        ${this.paths.map((path) => this.#path(frame, path))}
      </g>
      ${above}
      <rect class="frame" x=${margin.left} y=${margin.top} width=${width - margin.left - margin.right} height=${height - margin.top - margin.bottom} />
      <g class="axis x" transform="translate(0,${height - margin.bottom})"></g>
      <g class="axis y" transform="translate(${margin.left},0)"></g>
      <text class="axis-name" x=${width - margin.right} y=${height - 5} text-anchor="end">${axes[0]}</text>
      <text class="axis-name" transform="translate(11,${margin.top + (height - margin.top - margin.bottom) / 2})rotate(-90)"
        text-anchor="middle">${axes[1]}</text>
    </svg>`
  }

  updated() {
    if (!this.width || !this.grid) return
    const { x, y, width, height } = this.frame
    const key = `${width} ${x.domain()} ${y.domain()}`
    this.drawAxis('x', axisBottom(x).ticks(Math.max(2, width / 80)).tickSize(4).tickPadding(3), key)
    this.drawAxis('y', axisLeft(y).ticks(Math.max(2, height / 50)).tickSize(4).tickPadding(3), key)
  }
}

customElements.define('slice-plot', SlicePlot)
