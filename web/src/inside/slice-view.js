// The losses of two tasks over a plane of parameter space, with the paths of the learners. Everything in
// it comes from the background: whole runs, for the paths, and then losses all over the plane.
import { html, nothing, svg } from 'lit'
import { namesOf } from '../experiment.js'
import { formatCount, formatLoss, titled } from '../format.js'
import { markPath, taskClass } from '../marks.js'
import { View } from '../plots/plot.js'
import { sliceStrings as words } from '../strings.js?slice'
import { strings } from '../strings.js'
import { lineKey } from '../views/keys.js'
import { tucked } from '../views/tables.js'
import { aloneWith } from '../whole-runs.js'
import { distance, fieldOf, gridOver, levelsOf, momentsOf, piecesOfGrid, planeThrough, shadowOf, valleysOf } from './slice.js'
import './slice-plot.js'

/** @import { Lab } from '../lab.js' */

const settleMs = 250 // an experiment that is being edited is not worth a run
const start = -1 // as third point; else a learner, for its end

const looks = new CSSStyleSheet() // that nobody loads who does not look here
looks.replaceSync(`slice-view, slice-plot { display: block; }
.slice { margin-top: 22px; }
slice-plot { max-width: 860px; }
.valley { fill: var(--mark); fill-opacity: 0.1; stroke: var(--mark); stroke-width: 1.4; }
.valley.second { stroke-dasharray: 6 3; }
.level, .valley-name, slice-plot .tag { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
.level { font: 11px var(--sans); }
.valley-name { font: italic 600 15px var(--serif); }
slice-plot .tag { fill: var(--ink); }
slice-plot .tag[class*=method-] { fill: var(--own); }
.place { fill: var(--ink); stroke: var(--paper); stroke-width: 1.2; }
.place[class*=method-] { fill: var(--own); stroke: var(--paper); }
.place.off { fill: var(--paper); stroke: var(--ink); stroke-width: 1.8; }
.place.off[class*=method-] { stroke: var(--own); }
slice-plot .curve { stroke-width: 2.6; }
slice-plot .curve.thin { stroke-width: 1.2; opacity: 0.7; }
.here { fill: none; stroke: var(--ink); stroke-width: 1.4; }
.leader { fill: none; stroke: var(--soft); stroke-width: 0.8; }
.slice-choices { display: flex; flex-wrap: wrap; gap: 0 24px; align-items: center; }`)

let runs = 0 // planes so far

export class SliceView extends View {
  static properties = {
    lab: { attribute: false },
    state: { attribute: false }, // the lab's
    learner: { attribute: false }, // to whose end the plane goes
    third: { state: true }, // its third point, null for the one with most to see
    tasks: { state: true }, // the two whose losses are drawn
  }

  #described = null
  #paths = null // errands, by learner; null while the experiment changes
  #plane = null // with all that is in it
  #planeOf = ''
  #timer = 0

  constructor() {
    super()
    if (!document.adoptedStyleSheets.includes(looks)) document.adoptedStyleSheets.push(looks)
    this.third = null
    this.tasks = [0, Infinity]
  }

  disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#described = null
    this.#background?.want('slice', [])
  }

  get #background() {
    return this.state.studies?.background
  }

  willUpdate() {
    if (!this.#background) return
    const { described } = this.state
    if (described.tasks.length < 2) return
    if (described !== this.#described) this.#begin(described)
    else if (this.#paths) this.#plan()
  }

  /** Of another experiment, once it has settled. */
  #begin(described) {
    this.#described = described
    this.#paths = this.#plane = null
    this.#planeOf = ''
    this.#background.want('slice', [])
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const document = described.experiment
      const steps = momentsOf(described)
      this.#paths = described.learners.map((_, learner) => {
        const alone = { ...aloneWith(document, learner, document.seed), record: { every: document.record.every } }
        return { key: `path ${JSON.stringify(alone)}`, passing: true, request: { kind: 'path', document: alone, steps } }
      })
      this.requestUpdate()
    }, settleMs)
  }

  /** The tasks that are drawn, the first before the second. */
  get #pair() {
    const last = this.#described.tasks.length - 1
    const second = Math.min(this.tasks[1], last)
    return [Math.min(this.tasks[0], second - 1), second]
  }

  /** A learner that nothing holds, unless it is the one whose plane it is. */
  get #third() {
    const { learner, third, state: { described, catalogue } } = this
    if (third !== null && third !== learner && third < described.learners.length) return third
    const bare = described.learners.findIndex(({ kind }) => !catalogue.methods.find((entry) => entry.kind === kind).parameters.length)
    return bare === learner ? start : bare // which is none where there is none
  }

  #pathOf(learner) {
    return this.#background.answerTo(this.#paths[learner])
  }

  /** What the background shall do, the most urgent first. */
  #plan() {
    const [learner, third] = [this.learner, this.#third]
    const drawn = third === start ? [learner] : [learner, third]
    const known = drawn.every((each) => this.#pathOf(each))
    const planeOf = `${[learner, third, ...this.#pair, known]}`
    if (planeOf === this.#planeOf) return
    this.#planeOf = planeOf
    this.#plane = known ? this.#layPlane(drawn) : null
    const first = drawn.map((each) => this.#paths[each])
    this.#background.want('slice', [...first, ...(this.#plane?.errands ?? []), ...this.#paths.filter((path) => !first.includes(path))])
  }

  /** The parameters of a learner at the end of a task. */
  #endOf(learner, task) {
    return this.#pathOf(learner).parameters[this.#paths[learner].request.steps.indexOf(this.#described.boundaries[task])]
  }

  #layPlane(drawn) {
    const [learner, other] = drawn
    const [first, second] = this.#pair
    const [path] = drawn.map((each) => this.#pathOf(each))
    const plane = planeThrough(this.#endOf(learner, first), this.#endOf(learner, second),
      other === undefined ? path.parameters[0] : this.#endOf(other, second))
    if (!plane) return { errands: [] }
    const { steps } = this.#paths[learner].request
    const count = steps.indexOf(this.#described.boundaries[second]) + 1
    const paths = drawn.map((each) => ({
      learner: each, points: this.#pathOf(each).parameters.slice(0, count).map((point) => shadowOf(plane, point)),
    }))
    const grid = gridOver(paths.flatMap(({ points }) => points))
    const pieces = piecesOfGrid()
    const { record, ...document } = this.#paths[learner].request.document
    const run = ++runs
    const errands = pieces.map(({ places }, at) => ({
      key: `losses ${run} ${at}`, passing: true,
      request: {
        kind: 'losses', document, tasks: this.#pair, plane,
        places: places.map((place) => [grid.xs[place % grid.xs.length], grid.ys[Math.floor(place / grid.xs.length)]]),
      },
    }))
    return { plane, steps, paths, grid, pieces, errands, drawn: { stride: 0, valleys: [[], []] }, known: 0, marks: [], tasks: this.#pair }
  }

  /** The grid as far as it has been computed, drawn anew when it has become finer. */
  #valleys() {
    const { drawn, errands, pieces } = this.#plane
    const answers = drawn.stride === 1 ? [] : errands.map((errand) => this.#background.answerTo(errand))
    const found = answers.length ? fieldOf(pieces, answers) : null
    if (found && found.stride !== drawn.stride) {
      const levels = levelsOf(found)
      Object.assign(drawn, { stride: found.stride, valleys: [0, 1].map((which) => valleysOf(found, which, levels)) })
    }
    return drawn.valleys
  }

  /** Every point with a name, where the plane has it; the same until another is known. */
  #marks(names) {
    const known = this.#paths.filter((path) => this.#background.answerTo(path)).length
    if (this.#plane.known !== known) Object.assign(this.#plane, { known, marks: this.#marksNow(names) })
    return this.#plane.marks
  }

  #marksNow(names) {
    const { learner, state: { described } } = this
    const [first, second] = this.#pair
    const { plane } = this.#plane
    const path = this.#pathOf(learner)
    const point = (kind, of, name, task, where) => {
      const parameters = task < 0 ? path.parameters[0] : this.#endOf(of, task)
      const { curves } = this.#pathOf(of)
      const at = curves.step.indexOf(task < 0 ? 0 : described.boundaries[task])
      return {
        kind, learner: kind === 'end' ? of : null, name, ...where,
        far: distance(parameters, path.parameters[0]), losses: this.#pair.map((each) => curves.loss[each][at]),
      }
    }
    const ends = described.learners.flatMap((_, each) => {
      const where = this.#pathOf(each) && shadowOf(plane, this.#endOf(each, second))
      return Number.isFinite(where?.x) ? [point('end', each, titled(names[each].name), second, where)] : []
    })
    return [
      point('anchor', learner, words.anchor(described.tasks[first].name), first, { x: 0, y: 0, off: 0 }),
      ...ends,
      point('start', learner, words.start, -1, shadowOf(plane, path.parameters[0])),
    ]
  }

  /** How high the first task's loss has come between its end and the second's. */
  #highest(learner) {
    const [first, second] = this.#pair
    const { boundaries } = this.#described
    const { step, loss } = this.#pathOf(learner).curves
    return Math.max(...loss[first].filter((_, at) => step[at] > boundaries[first] && step[at] <= boundaries[second]))
  }

  #choices(names) {
    const { described: { tasks } } = this.state
    const [first, second] = this.#pair
    const choose = (event) => (this.third = Number(event.target.value))
    const task = (which, some) => html`<p class="choice"><label for="slice-task-${which}">${words.task[which]}</label>
      <select id="slice-task-${which}" @change=${(event) => (this.tasks = this.#pair.map((at, place) => (place === which ? Number(event.target.value) : at)))}>
        ${some.map((at) => html`<option value=${at} ?selected=${at === this.#pair[which]}>${tasks[at].name}</option>`)}</select></p>`
    const all = [...tasks.keys()]
    return html`<div class="slice-choices"><p class="choice"><label for="slice-third">${words.third}</label>
      <select id="slice-third" @change=${choose}>
        <option value=${start} ?selected=${this.#third === start}>${words.theStart}</option>
        ${names.map(({ name }, at) => (at === this.learner ? nothing
          : html`<option value=${at} ?selected=${at === this.#third}>${words.theEnd(name)}</option>`))}</select></p>
      ${tasks.length > 2 ? [task(0, all.filter((at) => at < second)), task(1, all.filter((at) => at > first))] : nothing}</div>`
  }

  #progress() {
    const errands = [...this.#paths, ...(this.#plane?.errands ?? [])]
    const done = errands.filter((errand) => this.#background.answerTo(errand)).length
    if (done === errands.length && this.#plane) return nothing
    const said = this.#plane?.plane ? words.computing : words.training
    return html`<p class="choice"><progress max=${this.#plane ? errands.length : this.#paths.length} value=${done} aria-label=${said}></progress> ${said}</p>`
  }

  #said(names, marks) {
    const { learner, state: { described } } = this
    const [first, second] = this.#pair.map((at) => described.tasks[at].name)
    const other = this.#third
    const risen = [learner, ...(other === start ? [] : [other])].map((each) => words.upTo(formatLoss(this.#highest(each)), names[each].name))
    const off = Math.max(...this.#plane.paths[0].points.map((point) => point.off))
    return {
      valleys: words.valleys(formatCount(described.parameters), first, second),
      risen: words.risen(first, risen),
      plane: words.plane(first, names[learner].name, other === start ? words.theStart : words.theEnd(names[other].name)),
      off: words.off(names[learner].name, formatLoss(off), marks.some((mark) => mark.off)),
    }
  }

  #legend() {
    const { described: { tasks } } = this.state
    const key = (width, drawing) => html`<svg class="key" width=${width} height="12" viewBox="0 0 ${width} 12" aria-hidden="true">${drawing}</svg>`
    const valley = (at, which) => svg`<path class="valley ${taskClass(at)} ${which ? 'second' : ''}" d="M1,1H29V11H1z" />`
    return html`<ul class="legend">
      ${this.#pair.map((at, which) => html`<li>${key(30, valley(at, which))}${words.contour[which](tasks[at].name)}</li>`)}
      ${this.#plane.paths.map(({ learner }) => html`<li>${lineKey(learner)}${titled(words.pathOf(this.#names[learner].name))}</li>`)}
      <li>${key(12, svg`<circle class="here" cx="6" cy="6" r="5" />`)}${words.here}</li>
      <li>${key(12, svg`<path class="place off" d=${markPath(0, 4)} transform="translate(6,6)" />`)}${words.offPlane}</li>
    </ul>`
  }

  get #names() {
    return namesOf(this.state.described.experiment, this.state.catalogue)
  }

  #table(marks) {
    const [first, second] = this.#pair.map((at) => this.state.described.tasks[at].name)
    return html`<table><thead><tr>${[words.point, words.fromStart, words.across, words.up, words.fromPlane,
      words.lossOn(first), words.lossOn(second)].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${marks.map(({ name, far, x, y, off, losses }) => html`<tr><th scope="row">${name}</th>
        ${[far, x, y, off, ...losses].map((value) => html`<td>${formatLoss(value)}</td>`)}</tr>`)}</tbody></table>`
  }

  #drawing() {
    const { plane, paths, grid, steps } = this.#plane
    const names = this.#names
    if (!plane) {
      const diverged = [this.learner, this.#third].find((each) => each !== start && this.#pathOf(each).status === 'diverged')
      return html`<p class="about">${diverged === undefined ? words.onALine : words.diverged(names[diverged].name)}</p>`
    }
    const { snapshot } = this.state
    const marks = this.#marks(names)
    const said = this.#said(names, marks)
    const reached = steps.findLastIndex((step) => step <= snapshot.step) + 1
    const name = words.name(names[this.learner].name)
    return html`<p class="about">${said.valleys} ${said.risen}${snapshot.finished ? nothing : ` ${words.ahead}`}</p>
      <slice-plot .grid=${grid} .valleys=${this.#valleys()} .tasks=${this.#plane.tasks} .names=${this.#pair.map((at) => words.valley(this.state.described.tasks[at].name))} .marks=${marks}
        .paths=${paths.map((path) => ({ ...path, reached: Math.min(reached, path.points.length) }))}
        .axes=${[words.axisAcross(names[this.learner].name), words.axisUp(this.#third === start ? words.theStart : words.theEnd(names[this.#third].name))]}
        .label="${name}. ${Object.values(said).join(' ')}"></slice-plot>
      ${this.#legend()}
      <p class="about">${said.plane} ${said.off} ${words.own} ${words.source}</p>
      ${tucked(this.lab, 'slice-table', words.table, () => this.#table(marks))}`
  }

  render() {
    if (this.state.described.tasks.length < 2) return html`<p class="about">${words.oneTask}</p>`
    if (!this.#paths) return html`<p role="status">${strings.asking}</p>`
    return html`${this.#choices(this.#names)}${this.#plane ? this.#drawing() : nothing}${this.#progress()}`
  }
}

customElements.define('slice-view', SliceView)
