// A plot to draw points on, with a mouse, a finger, a pen or the keyboard.
import { html, nothing, svg } from 'lit'
import { axisBottom, axisLeft } from 'd3-axis'
import { scaleLinear } from 'd3-scale'
import { formatLoss } from '../format.js'
import { marksPath, round, taskClass } from '../marks.js'
import { mostPoints } from '../own.js'
import { strings } from '../strings.js'
import { ownStrings as words } from '../strings.js?own'
import { Plot } from './plot.js'

const apart = 8 // px between two points of one stroke
const reach = { mouse: 9, pen: 9, touch: 18 } // px that the eraser reaches
const onPoint = 6 // px within which the cursor is on a point
const small = 1 / 50 // of the plot's width, that an arrow key moves the cursor
const large = 1 / 10 // with Shift
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowDown: [0, -1], ArrowUp: [0, 1] }

/** Dispatches `points` with {points, said}: the chosen task's after a stroke or a key. */
export class DrawPlot extends Plot {
  static properties = {
    tasks: { attribute: false }, // see own.js
    picture: { attribute: false },
    chosen: { attribute: false }, // index of the task that is drawn
    erasing: { attribute: false },
    label: { attribute: false }, // the class that is drawn in the plane
    domain: { attribute: false },
    stroke: { state: true }, // the chosen task's points while they are drawn
    cursor: { state: true }, // of the keyboard, in the plot's own units, once it has been used
  }

  #last = null // where the stroke has left its last point, in pixels

  get frame() {
    const { width, domain, picture } = this
    const margin = { top: 8, right: 8, bottom: 34, left: 36 }
    const height = Math.round(picture === 'plane' ? Math.min(460, width) : Math.min(340, Math.max(230, width * 0.5)))
    const x = scaleLinear(domain.x, [margin.left, width - margin.right])
    const y = scaleLinear(domain.y, [height - margin.bottom, margin.top])
    return { width, height, margin, x, y }
  }

  get #points() {
    return this.stroke ?? this.tasks[this.chosen].points
  }

  /** A point at these pixels, in no more digits than a pixel is worth. */
  #pointAt([left, top]) {
    const { x, y } = this.frame
    const value = (scale, at) => {
      const [low, high] = scale.domain()
      const inside = Math.min(high, Math.max(low, scale.invert(at)))
      return Number(inside.toFixed(Math.max(0, Math.ceil(3 - Math.log10(high - low)))))
    }
    const point = [value(x, left), value(y, top)]
    return this.picture === 'plane' ? [...point, this.label] : point
  }

  #pixelsOf([x, y]) {
    const { frame } = this
    return [frame.x(x), frame.y(y)]
  }

  #distance(point, [left, top]) {
    const [x, y] = this.#pixelsOf(point)
    return Math.hypot(x - left, y - top)
  }

  // With a pointer

  #placeOf(event) {
    const { left, top, width } = this.querySelector('svg').getBoundingClientRect()
    const scale = this.width / width // the page is enlarged on large screens
    return [(event.clientX - left) * scale, (event.clientY - top) * scale]
  }

  #touch(place, pointerType) {
    if (this.erasing) {
      const near = reach[pointerType] ?? reach.mouse
      this.stroke = this.#points.filter((point) => this.#distance(point, place) > near)
      return
    }
    const far = !this.#last || Math.hypot(place[0] - this.#last[0], place[1] - this.#last[1]) >= apart
    if (!far || this.#points.length >= mostPoints) return
    this.#last = place
    this.stroke = [...this.#points, this.#pointAt(place)]
  }

  #down(event) {
    if (event.button !== 0 || !event.isPrimary) return
    event.preventDefault()
    event.currentTarget.setPointerCapture(event.pointerId)
    this.querySelector('svg').focus({ preventScroll: true })
    this.cursor = null
    this.#last = null
    this.stroke = this.#points
    this.#touch(this.#placeOf(event), event.pointerType)
  }

  #move(event) {
    if (!this.stroke || !event.isPrimary) return
    const passed = event.getCoalescedEvents?.() ?? []
    for (const each of passed.length ? passed : [event]) this.#touch(this.#placeOf(each), event.pointerType)
  }

  #up() {
    if (!this.stroke) return
    const points = this.stroke
    this.stroke = undefined
    if (points.length !== this.tasks[this.chosen].points.length) this.#tell(points)
  }

  #tell(points, said = '') {
    this.dispatchEvent(new CustomEvent('points', { detail: { points, said } }))
  }

  // With the keyboard

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const { x, y, width, height, margin } = this.frame
    const cursor = this.cursor ?? [(margin.left + width - margin.right) / 2, (margin.top + height - margin.bottom) / 2]
    const arrow = arrows[event.key]
    if (arrow) {
      const far = (event.shiftKey ? large : small) * (width - margin.left - margin.right)
      this.cursor = [
        Math.min(width - margin.right, Math.max(margin.left, cursor[0] + far * arrow[0])),
        Math.min(height - margin.bottom, Math.max(margin.top, cursor[1] - far * arrow[1])),
      ]
      const [atX, atY] = [x.invert(this.cursor[0]), y.invert(this.cursor[1])]
      this.#tell(this.#points, words.cursorAt(formatLoss(atX), formatLoss(atY)))
    } else if (['Enter', ' ', 'Delete', 'Backspace'].includes(event.key)) {
      this.cursor = cursor
      this.#toggle(cursor, event.key === 'Delete' || event.key === 'Backspace')
    } else return
    event.preventDefault()
  }

  /** Removes the point under the cursor; places one where there is none, unless `only` removing. */
  #toggle(cursor, only) {
    const points = this.#points
    const under = points.findIndex((point) => this.#distance(point, cursor) <= onPoint)
    if (under >= 0) return this.#tell(points.toSpliced(under, 1), words.removed(points.length - 1))
    if (only || points.length >= mostPoints) return
    const point = this.#pointAt(cursor)
    this.#tell([...points, point], words.placed(point[0], point[1], points.length + 1))
  }

  // What is drawn

  #marks(task, at) {
    const points = at === this.chosen ? this.#points : task.points
    const radius = points.length < 150 ? 3.4 : 2.2
    const faint = at === this.chosen ? '' : 'faint'
    if (this.picture === 'line') {
      return svg`<path class="drawn mark ${taskClass(at)} ${faint}" d=${marksPath(at, points.map((point) => this.#pixelsOf(point)), radius)} />`
    }
    const labels = [...new Set(points.map(([, , label]) => label))].sort((a, b) => a - b)
    return labels.map((label, place) => svg`<path class="drawn point ${taskClass(at)} ${place % 2 ? 'hollow' : ''} ${faint}"
      d=${marksPath(at, points.filter((point) => point[2] === label).map((point) => this.#pixelsOf(point)), radius)} />`)
  }

  #crosshair() {
    if (!this.cursor) return nothing
    const [left, top] = this.cursor.map(round)
    return svg`<path class="cursor" d="M${left - 9},${top}h18M${left},${top - 9}v18" />`
  }

  render() {
    if (!this.width) return html`<div class="plot-space tall"></div>`
    const { width, height, margin } = this.frame
    const { tasks, chosen, picture, erasing } = this
    const [across, up] = picture === 'line' ? [strings.input, strings.output] : strings.plane
    const order = tasks.map((_, at) => at).sort((a, b) => (a === chosen) - (b === chosen))
    return html`
      <svg class="drawing ${erasing ? 'erasing' : ''}" width=${width} height=${height} viewBox="0 0 ${width} ${height}"
        tabindex="0" role="application" aria-label=${words.plotName(tasks[chosen].name, this.#points.length)}
        aria-describedby="drawing-keys" @keydown=${this.#key}
        @pointerdown=${this.#down} @pointermove=${this.#move} @pointerup=${this.#up} @pointercancel=${this.#up}>
        <rect class="paper" x=${margin.left} y=${margin.top} width=${width - margin.left - margin.right}
          height=${height - margin.top - margin.bottom} />
        <g class="axis x" transform="translate(0,${height - margin.bottom})"></g>
        <g class="axis y" transform="translate(${margin.left},0)"></g>
        <text class="axis-name" x=${width - margin.right} y=${height - 3} text-anchor="end">${across}</text>
        <text class="axis-name" x=${margin.left + 6} y=${margin.top + 14}>${up}</text>
        ${order.map((at) => this.#marks(tasks[at], at))}
        ${this.#crosshair()}
      </svg>`
  }

  updated() {
    if (!this.width) return
    const { x, y, width, height } = this.frame
    const key = `${width} ${height} ${x.domain()} ${y.domain()}`
    this.drawAxis('x', axisBottom(x).ticks(Math.max(2, width / 70)).tickSize(4).tickPadding(3), key)
    this.drawAxis('y', axisLeft(y).ticks(Math.max(2, height / 50)).tickSize(4).tickPadding(3), key)
  }
}

customElements.define('draw-plot', DrawPlot)
