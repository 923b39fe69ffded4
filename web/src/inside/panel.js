// The inside of one learner, loaded when it is opened. It asks the engine for what it draws, one
// answer at a time, and only as long as it is there.
import '../common.js'
import { html, nothing } from 'lit'
import { namesOf } from '../experiment.js'
import { formatCount, formatLoss, titled } from '../format.js'
import { View } from '../plots/plot.js'
import { sliceStrings } from '../strings.js?slice'
import { strings } from '../strings.js'
import { tucked } from '../views/tables.js'
import './network-plot.js'
import './projection-plot.js'
import './slice-view.js'
import { springClass, springWidth } from './network-plot.js'
import { movedBy, springsOf, stiffnessFrom, tensionFrom } from './springs.js'

/** @import { Lab } from '../lab.js' */

const mostUnits = 8 // of a column: the lines between two of more are a hatch
const tableRows = 16

/** Where there is most to see: the method with the most parameters of its own. */
function mostTelling({ described, catalogue }) {
  const counts = described.learners.map(({ kind }) =>
    catalogue.methods.find((entry) => entry.kind === kind).parameters.length)
  return counts.indexOf(Math.max(...counts))
}

const line = (pull, level) => html`<svg class="key" width="30" height="10" viewBox="0 0 30 10" aria-hidden="true">
  <path class=${springClass(pull)} stroke-width=${springWidth(level)} d="M1,5H29" /></svg>`

const between = (from, below, largest) => (below
  ? strings.fromTo(formatLoss(from * largest), formatLoss(below * largest)) : strings.upTo(formatLoss(from * largest), formatLoss(largest)))

/** What thickness and colour mean, in the units of the numbers. */
function legend({ held, equal, stiffest, tensest }) {
  const thickness = [0, ...stiffnessFrom]
  const what = held ? strings.stiffness : strings.change
  return html`<dl class="spring-legend">
    <div><dt>${strings.thickness} ${what}</dt><dd><ul class="legend">${equal
      ? html`<li>${line(0, 2)}${strings.allAlike(formatLoss(stiffest))}</li>`
      : thickness.map((from, at) => html`<li>${line(0, at)}${between(from, thickness[at + 1], stiffest)}</li>`)}</ul></dd></div>
    ${held ? html`<div><dt>${strings.colour} ${strings.tension} <small>${strings.tensionNote}</small></dt><dd><ul class="legend">
      ${[3, 2, 1].map((pull) => html`<li>${line(pull, 3)}${between(tensionFrom[pull - 1], tensionFrom[pull], tensest)} ↑</li>`)}
      <li>${line(0, 3)}${strings.slack(formatLoss(tensionFrom[0] * tensest))}</li>
      ${[1, 2, 3].map((pull) => html`<li>${line(-pull, 3)}${between(tensionFrom[pull - 1], tensionFrom[pull], tensest)} ↓</li>`)}
    </ul></dd></div>` : nothing}
  </dl>`
}

/** The stiffest springs, or the weights that moved most, as a table. */
function springTable({ springs, held }, units) {
  const last = units.length - 1
  const unit = (column, at) => strings.unit(strings.column(column, last), units[column][at] + 1)
  const name = ({ layer, from, to }) => (from === null
    ? strings.biasOf(unit(layer + 1, to)) : strings.weightOf(unit(layer, from), unit(layer + 1, to)))
  const rows = [...springs].sort((a, b) => b.stiffness - a.stiffness).slice(0, tableRows)
  return html`<table>
    <thead><tr><th scope="col">${strings.parameter}</th><th scope="col">${strings.value}</th>
      <th scope="col">${strings.change}</th>
      ${held ? html`<th scope="col">${strings.stiffness}</th><th scope="col">${strings.tension}</th>` : nothing}</tr></thead>
    <tbody>${rows.map((spring) => html`<tr><th scope="row">${name(spring)}</th>
      <td>${formatLoss(spring.value)}</td><td>${formatLoss(spring.change)}</td>
      ${held ? html`<td>${formatLoss(spring.stiffness)}</td><td>${formatLoss(spring.tension)}</td>` : nothing}</tr>`)}
    </tbody></table>`
}

/** The products with every kept task's gradient, before and after; of A-GEM one for all. */
function productTable({ before, after, multipliers }, tasks, finished) {
  const name = (k) => (before.length < 2 && finished > 1 ? strings.allKept : strings.keptTask(tasks[k].name))
  return html`<table><thead><tr><th scope="col">${strings.constraint}</th><th scope="col">⟨g, gₖ⟩</th>
      <th scope="col">⟨g̃, gₖ⟩</th><th scope="col">v</th><th scope="col">${strings.isActive}</th></tr></thead>
    <tbody>${[...before].map((product, k) => html`<tr><th scope="row">${name(k)}</th><td>${formatLoss(product)}</td>
      <td>${formatLoss(after[k])}</td><td>${formatLoss(multipliers[k])}</td>
      <td>${multipliers[k] > 0 ? strings.yes : strings.no}</td></tr>`)}</tbody></table>`
}

export class InsidePanel extends View {
  static properties = {
    lab: { attribute: false },
    state: { attribute: false }, // the lab's
    inside: { state: true },
  }

  #asking = null
  #askedFor = null // the snapshot
  #run = null // the description of the run that `inside` is of
  #learner = null

  constructor() {
    super()
    this.inside = null
  }

  get learner() {
    const { chosen: { inside }, described } = this.state
    return inside < described.learners.length ? inside : mostTelling(this.state)
  }

  willUpdate() {
    const { state: { described }, learner } = this
    if (this.#run !== described || this.#learner !== learner) this.inside = this.#askedFor = this.#asking = null
    this.#run = described
    this.#learner = learner
    this.#ask()
  }

  async #ask() {
    const { snapshot } = this.state
    if (this.#asking || this.#askedFor === snapshot) return
    this.#askedFor = snapshot
    const asking = this.#asking = {}
    const { learner } = this
    const inside = await this.lab.inside(learner, mostUnits)
    if (asking !== this.#asking) return
    this.#asking = null
    if (inside) this.inside = { ...inside, learner, model: springsOf(inside) }
    else this.requestUpdate()
  }

  #choice(names) {
    return html`<p class="choice"><label for="inside-learner">${strings.learner}</label>
      <select id="inside-learner" @change=${(event) => this.lab.choose('inside', Number(event.target.value))}>
        ${names.map(({ name }, index) => html`<option value=${index} ?selected=${index === this.learner}>${titled(name)}</option>`)}
      </select></p>`
  }

  #network(name) {
    const { lab, inside } = this
    const { described } = this.state
    const { model } = inside
    const since = inside.task ? strings.sinceEnd(described.tasks[inside.task - 1].name) : strings.sinceStart
    const moved = movedBy(model)
    const note = model.held
      ? [strings.springsNote, moved && strings.movedBy(formatLoss(moved.stiff), formatLoss(moved.slack), since)]
      : [strings.noSprings(since)]
    const sizes = [described.inputs, ...described.experiment.network.hidden, described.outputs]
    return html`<section><h3>${strings.springs}</h3>
      <p class="about">${note.filter(Boolean).join(' ')}</p>
      <network-plot .units=${inside.units.map((column) => [...column])} .sizes=${sizes} .model=${model}
        .label="${strings.networkName(name)}. ${strings.stepShort(formatCount(inside.step))}. ${note.filter(Boolean).join(' ')}"></network-plot>
      ${legend(model)}
      ${inside.units.some((column, at) => column.length < sizes[at]) ? html`<p class="about">${strings.subset[model.held ? 'held' : 'free']}</p>` : nothing}
      ${tucked(lab, 'springs', strings.springTable(Math.min(tableRows, model.springs.length)), () => springTable(model, inside.units))}
    </section>`
  }

  #projection({ projection, task }) {
    const said = [strings.projectionNow(formatCount(projection.step), projection.active),
      strings.projectedSoFar(formatCount(projection.active_steps), formatCount(projection.steps))].join(' ')
    return html`<section><h3>${strings.projection}</h3>
      <p class="about">${said} ${strings.projectionNote}</p>
      <div class="projection"><projection-plot .projection=${projection} .label="${strings.projection}. ${said}"></projection-plot>
        <div class="scroller" role="region" tabindex="0" aria-label=${strings.projection}>${productTable(projection, this.state.described.tasks, task)}</div></div>
    </section>`
  }

  #slice() {
    const { lab, state, learner } = this
    const open = lab.opened.has('slice')
    return html`<details class="slice" ?open=${open} @toggle=${(event) => lab.setOpened('slice', event.target.open)}>
      <summary><h3>${sliceStrings.title}</h3> <span>${sliceStrings.note}</span></summary>
      ${open ? html`<slice-view .lab=${lab} .state=${state} .learner=${learner}></slice-view>` : nothing}</details>`
  }

  render() {
    const { inside } = this
    const { described, catalogue } = this.state
    const names = namesOf(described.experiment, catalogue)
    return html`${this.#choice(names)}
      ${inside?.projection ? this.#projection(inside) : nothing}
      ${inside ? this.#network(names[inside.learner].name) : html`<p role="status">${strings.asking}</p>`}
      ${this.#slice()}`
  }
}

customElements.define('inside-panel', InsidePanel)
