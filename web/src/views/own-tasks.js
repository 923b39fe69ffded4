// The editor of the reader's own tasks: drawn, computed from a formula, or read from a table.
import '../common.js'
import { html, nothing } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { randomLcg, randomNormal } from 'd3-random'
import { mostBytes, tasksFromText } from '../csv.js'
import { formatLoss } from '../format.js'
import { formulaOf } from '../formula.js'
import { drawable, drawingDomain, freeName, mostClasses, mostPoints, mostTasks, sectionOf, tasksOf } from '../own.js'
import { View } from '../plots/plot.js'
import '../plots/draw-plot.js'
import { ownStrings as words } from '../strings.js?own'
import { taskKey } from './keys.js'

/** @import { Task } from '../own.js' */

const usualPoints = 40
const names = { line: 'x, y', plane: 'x1, x2, class' }

const style = new CSSStyleSheet()
style.replaceSync(`
draw-plot, own-tasks:not([hidden]) { display: block; }
.own-tasks { margin-bottom: 14px; }
.own-tasks .close { margin-left: auto; }
.own-tasks h2:focus { outline: none; }
.own-tasks .section-head p { flex-basis: 100%; }
.own-grid { display: grid; grid-template-columns: minmax(0, 1fr); gap: 14px clamp(20px, 3vw, 56px); }
@media (min-width: 860px) and (max-width: 1159px) { .own-grid { grid-template-columns: minmax(0, 60fr) minmax(280px, 40fr); } }
@media (min-width: 1160px) { /* beside the networks, in the place of the curves */
  own-tasks { grid-area: 1 / 2; }
  own-tasks:not([hidden]) ~ .curves { grid-column: 1 / -1; }
  .figure own-tasks:not([hidden]) ~ .curves .panels { grid-template-columns: repeat(2, minmax(0, 1fr)); }
}
.own-tools { display: grid; gap: 14px; align-content: start; font-size: 14px; min-width: 0; }
.own-tools .about { margin-block: 6px; }
.own-tools summary { font-weight: 600; font-size: 15px; }
.pens-row { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 20px; }
.row, .pens { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 8px; margin-bottom: 8px; }
.row > input[type="text"] { flex: 1 1 120px; }
.row.numbers label { display: inline-flex; align-items: center; gap: 5px; }
.row.numbers input { width: 76px; }
.pens > button { display: inline-flex; align-items: center; gap: 6px; min-height: 32px; }
.pens small { color: inherit; opacity: 0.75; font-variant-numeric: tabular-nums; }
.pens > [aria-pressed="true"] { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); font-weight: 600; }
.own-tools textarea { display: block; width: 100%; resize: vertical; margin-bottom: 8px; font: 13px/1.4 ui-monospace, "Liberation Mono", monospace; color: var(--ink); background: var(--raised); border: 1px solid var(--hair); border-radius: 6px; padding: 6px 8px; }
.own-tools .file { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; color: var(--soft); min-width: 0; }
.own-tools .file input { max-width: 100%; min-width: 0; width: 220px; font-size: 13px; }
.own-tools fieldset { margin: 0; padding: 0; }
.drawing { cursor: crosshair; touch-action: none; user-select: none; -webkit-user-select: none; border-radius: 4px; }
.drawing.erasing { cursor: cell; }
.drawing .paper { fill: var(--raised); stroke: var(--hairline); }
.drawing .cursor { stroke: var(--ink); stroke-width: 1.5; fill: none; }
.faint { opacity: 0.28; }
.dropping .paper { stroke: var(--focus); stroke-width: 2; }
@media print { own-tasks { display: none; } }
`)

/** From the least input to the greatest. @param {Task} task */
const spanOf = ({ points }) => [Math.min(...points.map(([x]) => x)), Math.max(...points.map(([x]) => x))]

/** Where a formula is computed unless told: where the task is now; else to the right of the others. */
function intervalFor(tasks, chosen) {
  const round = (value) => Number(value.toPrecision(2))
  if (tasks[chosen].points.length > 1) return spanOf(tasks[chosen]).map(round)
  const spans = tasks.filter(({ points }) => points.length > 1).map(spanOf)
  if (!spans.length) return [-1, 1]
  const [from, to] = spans.reduce((last, span) => (span[1] > last[1] ? span : last))
  const gap = 0.1 * (to - from)
  return [to + gap, to + gap + to - from].map(round)
}

/** Another task that has inputs in the chosen one's interval, and the interval they share. */
function overlapOf(tasks, chosen) {
  const [from, to] = spanOf(tasks[chosen])
  for (const [at, other] of tasks.entries()) {
    const [otherFrom, otherTo] = spanOf(other)
    const shared = [Math.max(from, otherFrom), Math.min(to, otherTo)]
    if (at !== chosen && shared[0] < shared[1]) return { name: other.name, shared }
  }
  return null
}

/** An error of one field of the formula's. */
const wrong = (field, text) => Object.assign(new Error(text), { field })

/** Points of a formula, evenly over an interval, with noise that comes out the same again. */
function computed(formula, from, to, count, noise, seed) {
  const f = formulaOf(formula)
  if (!(from < to)) throw wrong('to', words.intervalEmpty(from, to))
  if (!(Number.isInteger(count) && count >= 2 && count <= mostPoints)) throw wrong('count', words.countRange(count, mostPoints))
  if (!(noise >= 0)) throw wrong('noise', words.noiseRange(noise))
  const normal = randomNormal.source(randomLcg(seed / 2 ** 32))(0, noise)
  return Array.from({ length: count }, (_, at) => {
    const x = from + ((to - from) * at) / (count - 1)
    const y = f(x)
    if (!Number.isFinite(Math.fround(y))) throw new Error(words.formulaValue(...[x, y].map((value) => Number(value.toPrecision(3)))))
    return [Number(x.toPrecision(6)), Number((y + normal()).toPrecision(6))]
  })
}

class OwnTasks extends View {
  static properties = {
    lab: { attribute: false },
    described: { attribute: false },
    open: { attribute: false },
    tasks: { state: true }, // as drawn; those without points are not yet in the experiment
    chosen: { state: true },
    erasing: { state: true },
    label: { state: true },
    said: { state: true },
    fault: { state: true }, // {where, field, text}
    dropping: { state: true },
  }

  #committed = null // the tasks section that was last put into the experiment
  #seen = null // the run on the page, when it was last looked at
  #section = '' // of tasks, of the run on the page
  #domain = null
  #picture = 'line'
  #fresh = false // begun with empty tasks, of which not yet two have points
  #before = null // what was drawn before that

  constructor() {
    super()
    this.chosen = this.label = 0
    this.erasing = this.dropping = false
    this.said = ''
  }

  /** While it is closed it takes nothing, and stops no training. */
  willUpdate() {
    if (!this.open || this.described === this.#seen) return
    this.#seen = this.described
    const section = JSON.stringify(this.described.experiment.tasks)
    if (this.lab.state.experiment.tasks !== this.#committed && (!this.#fresh || section !== this.#section)) this.#take()
    this.#section = section
  }

  updated(changed) {
    if (!changed.has('open') || !this.open) return
    this.querySelector('h2').focus({ preventScroll: true })
    this.scrollIntoView()
  }

  /** The tasks on screen, where they can be drawn, else empty ones. */
  #take() {
    const picture = drawable(this.described)
    if (!picture) return this.#begin('line')
    this.#picture = picture
    this.#fresh = false
    this.#committed = null // what is undone may be it once more
    this.#show(tasksOf(this.described))
    this.chosen = Math.min(this.chosen, this.tasks.length - 1)
  }

  /** The training waits until there is something to learn after the first task. */
  #begin(picture) {
    this.lab.pause()
    if (!this.#fresh) this.#before = this.tasks && { tasks: this.tasks, picture: this.#picture }
    this.#fresh = true
    this.#picture = picture
    this.#show(['A', 'B'].map((name) => ({ name, points: [], test: null })))
    this.chosen = 0
  }

  /** The experiment has not changed meanwhile. */
  #back() {
    this.#fresh = false
    this.#picture = this.#before.picture
    this.#show(this.#before.tasks)
  }

  #show(tasks) {
    this.tasks = tasks
    this.#fit()
    this.fault = null
  }

  /** One pair of axes for all tasks, so that they can be compared: with room for every point, and no more. */
  #fit() {
    this.#domain = drawingDomain(this.tasks, this.#picture)
  }

  #commit(tasks, chosen = this.chosen, said = '') {
    this.tasks = tasks
    this.chosen = Math.max(0, Math.min(chosen, tasks.length - 1))
    this.said = said
    this.fault = null
    const section = sectionOf(tasks, this.#picture)
    if (section.tasks.length < (this.#fresh ? 2 : 1)) return
    this.#committed = section
    this.lab.setTasks(section, this.#fresh)
    this.#fresh = false
  }

  /** The chosen task with other points, which are their own test set. */
  #setPoints(points, said) {
    this.#commit(this.tasks.with(this.chosen, { ...this.tasks[this.chosen], points, test: null }), this.chosen, said)
  }

  #drawn({ detail: { points, said } }) {
    if (points === this.tasks[this.chosen].points) this.said = said
    else this.#setPoints(points, said)
  }

  // Tasks

  #add() {
    const tasks = [...this.tasks, { name: freeName(this.tasks), points: [], test: null }]
    this.tasks = tasks
    this.chosen = tasks.length - 1
    this.erasing = false
    this.said = words.added(tasks.at(-1).name)
  }

  #duplicate() {
    const copy = { ...this.tasks[this.chosen], name: freeName(this.tasks) }
    this.#commit(this.tasks.toSpliced(this.chosen + 1, 0, copy), this.chosen + 1, words.added(copy.name))
  }

  #move(by) {
    const to = this.chosen + by
    const tasks = this.tasks.toSpliced(this.chosen, 1).toSpliced(to, 0, this.tasks[this.chosen])
    this.#commit(tasks, to, words.moved(this.tasks[this.chosen].name, to + 1))
  }

  #delete() {
    this.#commit(this.tasks.toSpliced(this.chosen, 1), this.chosen, words.deleted(this.tasks[this.chosen].name))
    this.#fit()
  }

  #clear(name) {
    this.#setPoints([], words.cleared(name))
    this.#fit()
  }

  #rename(input) {
    const name = input.value.trim()
    if (!name) return (input.value = this.tasks[this.chosen].name)
    this.#commit(this.tasks.with(this.chosen, { ...this.tasks[this.chosen], name }))
  }

  // Formula and table

  #tried(where, action) {
    try {
      action()
    } catch (error) {
      this.fault = { where, field: error.field ?? where, text: error.message }
    }
  }

  #compute(event) {
    event.preventDefault()
    const { formula, from, to, count, noise } = event.target.elements
    this.#tried('formula', () => {
      const { seed } = this.described.experiment
      const numbers = [from, to, count, noise].map((input) => input.valueAsNumber)
      this.#setPoints(computed(formula.value, ...numbers, seed + this.chosen))
      this.#fit()
    })
  }

  #read(text) {
    this.#tried('table', () => {
      const { named, tasks } = tasksFromText(text, this.#picture)
      if (named) this.#commit(tasks, 0, words.readTasks(tasks.length))
      else this.#setPoints(tasks[0].points, words.readPoints(tasks[0].points.length))
      this.#fit()
      this.requestUpdate()
    })
  }

  async #readFile(file) {
    if (!file) return
    if (file.size > mostBytes) return (this.fault = { where: 'table', text: words.csvLarge(mostBytes) })
    const text = await file.text()
    this.querySelector('textarea').value = text.slice(0, 20_000)
    this.#read(text)
  }

  #drop(event) {
    event.preventDefault()
    this.dropping = false
    const [file] = event.dataTransfer.files
    if (file) this.#readFile(file)
    else this.#read(event.dataTransfer.getData('text'))
  }

  // What is shown

  #isWrong(field) {
    return this.fault?.field === field ? 'true' : nothing
  }

  #faultOf(where) {
    return this.fault?.where === where ? html`<p class="note bad" role="alert">${this.fault.text}</p>` : nothing
  }

  #choices() {
    return html`<div class="pens" role="group" aria-label=${words.tasks}>${this.tasks.map(({ name, points }, at) => html`
      <button type="button" class="small" aria-pressed=${at === this.chosen ? 'true' : 'false'}
        @click=${() => (this.chosen = at)}>${taskKey(at)}${name} <small>${points.length}</small></button>`)}
      <button type="button" class="small" ?disabled=${this.tasks.length >= mostTasks}
        @click=${() => this.#add()}>${words.add}</button></div>`
  }

  #tools() {
    const labels = Math.min(mostClasses, 2 + Math.max(0, ...this.tasks.flatMap(({ points }) => points.map(([, , label]) => label))))
    const tool = (name, pressed, choose) => html`<button type="button" class="small"
      aria-pressed=${pressed ? 'true' : 'false'} @click=${choose}>${name}</button>`
    return html`<div class="pens"><div class="switch" role="group" aria-label=${words.tool}>
      ${this.#picture === 'line' ? tool(words.draw, !this.erasing, () => (this.erasing = false))
        : Array.from({ length: labels }, (_, at) => tool(words.drawClass(at), !this.erasing && this.label === at, () => {
          this.erasing = false
          this.label = at
        }))}
      ${tool(words.erase, this.erasing, () => (this.erasing = true))}</div></div>`
  }

  #task() {
    const { name } = this.tasks[this.chosen]
    const filled = this.tasks.filter(({ points }) => points.length)
    const last = filled.length === 1 && this.tasks[this.chosen] === filled[0]
    const act = (text, action, disabled) => html`<button type="button" class="small" ?disabled=${disabled}
      @click=${action}>${text}</button>`
    return html`<fieldset><legend>${words.task(name)}</legend>
      <div class="row"><label for="own-name">${words.name}</label>
        <input id="own-name" type="text" maxlength="24" .value=${name} @change=${(event) => this.#rename(event.target)}></div>
      <div class="row">
        ${act(words.earlier, () => this.#move(-1), this.chosen === 0)}
        ${act(words.later, () => this.#move(1), this.chosen === this.tasks.length - 1)}
        ${act(words.duplicate, () => this.#duplicate(), this.tasks.length >= mostTasks)}
        ${act(words.clear, () => this.#clear(name), !this.tasks[this.chosen].points.length)}
        ${act(words.delete, () => this.#delete(), last || this.tasks.length === 1)}</div></fieldset>`
  }

  #formula() {
    if (this.#picture !== 'line') return nothing
    const [from, to] = intervalFor(this.tasks, this.chosen)
    const number = (name, value, least) => html`<label>${words[name]} <input type="number" name=${name} aria-invalid=${this.#isWrong(name)}
      step="any" min=${least ?? nothing} value=${value}></label>`
    return html`<form novalidate @submit=${(event) => this.#compute(event)}><fieldset><legend>${words.formula}</legend>
      <div class="row"><label for="own-formula"><i>y</i> =</label>
        <input id="own-formula" name="formula" type="text" aria-invalid=${this.#isWrong('formula')} placeholder="sin(3x)" autocomplete="off" autocapitalize="off" spellcheck="false"></div>
      <div class="row numbers">${keyed(this.chosen, html`${number('from', from)}${number('to', to)}${number('count', this.tasks[this.chosen].points.length || usualPoints, 2)}`)}${number('noise', 0.05, 0)}</div>
      <button type="submit" class="small">${words.compute(this.tasks[this.chosen].name)}</button>
      <p class="about">${words.formulaHelp}</p>${this.#faultOf('formula')}</fieldset></form>`
  }

  #table() {
    const columns = names[this.#picture]
    return html`<details ?open=${this.fault?.where === 'table'}><summary>${words.table}</summary>
      <p class="about" id="own-columns">${words.tableHelp(columns, this.tasks[this.chosen].name)}</p>
      <textarea rows="3" aria-label=${words.table} aria-describedby="own-columns" spellcheck="false"
        placeholder=${this.#picture === 'line' ? 'task,x,y\nA,0.1,0.5' : 'task,x1,x2,class\nA,0.1,0.5,0'}></textarea>
      <div class="row"><button type="button" class="small"
        @click=${() => this.#read(this.querySelector('textarea').value)}>${words.read}</button>
      <label class="file">${words.file} <input type="file" accept=".csv,.tsv,.txt,text/*"
        @change=${(event) => this.#readFile(event.target.files[0])}></label></div>
      ${this.#faultOf('table')}</details>`
  }

  render() {
    if (!this.tasks) return nothing
    const overlap = this.#picture === 'line' && overlapOf(this.tasks, this.chosen)
    const empty = this.tasks.filter(({ points }) => !points.length).map(({ name }) => name)
    return html`<section class="own-tasks ${this.dropping ? 'dropping' : ''}" aria-labelledby="own-title"
        @dragover=${(event) => { event.preventDefault(); this.dropping = true }}
        @dragleave=${() => (this.dropping = false)} @drop=${(event) => this.#drop(event)}>
      <div class="section-head"><h2 id="own-title" tabindex="-1">${words.title}</h2>
        <button type="button" class="small close" @click=${() => this.lab.setOpened('own-tasks', false)}>${words.close}</button>
        <p>${words.note}</p></div>
      <div class="own-grid"><div>
        <div class="pens-row">${this.#choices()}${this.#tools()}</div>
        <draw-plot .tasks=${this.tasks} .picture=${this.#picture} .chosen=${this.chosen} .erasing=${this.erasing}
          .label=${this.label} .domain=${this.#domain} @points=${(event) => this.#drawn(event)}></draw-plot>
        <p class="about" id="drawing-keys">${words.keys}</p>
        <p class="hidden" aria-live="polite">${this.said}</p>
        ${empty.length ? html`<p class="note">${this.#fresh ? words.waits : words.without(empty)}</p>` : nothing}
        ${overlap ? html`<p class="note" role="status">${words.overlap(this.tasks[this.chosen].name, overlap.name, ...overlap.shared.map(formatLoss))}</p>` : nothing}
      </div><div class="own-tools">
        ${this.#task()}${this.#formula()}${this.#table()}
        <div class="row"><span>${words.begin}</span>
          <button type="button" class="small" @click=${() => this.#begin('line')}>${words.beginLine}</button>
          <button type="button" class="small" @click=${() => this.#begin('plane')}>${words.beginPlane}</button>
          ${this.#fresh && this.#before ? html`<button type="button" class="small" @click=${() => this.#back()}>${words.back}</button>` : nothing}</div>
      </div></div>
    </section>`
  }
}

document.adoptedStyleSheets.push(style)
customElements.define('own-tasks', OwnTasks)
