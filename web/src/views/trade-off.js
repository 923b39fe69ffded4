// How much of the old a method keeps against how well it learns the new, by its strength.
import { html, nothing } from 'lit'
import { entryOf, methodsAt, namesOf, valueOf } from '../experiment.js'
import { formatLoss, formatValue, titled } from '../format.js'
import '../plots/trade-plot.js'
import { strings } from '../strings.js'
import { strengthOf } from '../sweep.js'
import { tucked } from './tables.js'

/** @import { Lab } from '../lab.js' */

const say = strings.tradeOff
const inWords = ({ median, low, high }) => strings.spread(...[median, low, high].map(formatLoss))

function table(points, old, fresh) {
  return html`<table><thead><tr><th scope="col">${say.strength}</th><th scope="col">${old}</th>
      <th scope="col">${fresh}</th><th scope="col">${say.runs}</th></tr></thead>
    <tbody>${points.map(({ name, old, fresh, runs }) => html`<tr><th scope="row">${name}</th>
      <td>${inWords(old)}</td><td>${inWords(fresh)}</td><td>${runs.length}</td></tr>`)}</tbody></table>`
}

function controls(lab, choices, names, sweep) {
  const start = (event) => {
    event.preventDefault()
    lab.sweep(sweep?.running ? null : Number(event.target.elements.learner.value))
  }
  return html`<form class="adder" @submit=${start}>
    <label for="sweep-learner">${strings.learner}</label>
    <select id="sweep-learner" name="learner">${choices.map((learner) => html`
      <option value=${learner} ?selected=${learner === sweep?.learner}>${titled(names[learner].name)}</option>`)}</select>
    <button type="submit">${sweep?.running ? say.stop : say.start}</button>
    ${sweep?.running ? html`<progress max=${sweep.of} value=${sweep.done} aria-label=${say.progress(sweep.done, sweep.of)}></progress>
      <span>${say.progress(sweep.done, sweep.of)}</span>` : nothing}</form>`
}

/** @param {Lab} lab */
export function tradeOff(lab) {
  const { described, experiment, snapshot, catalogue, studies: { sweep } } = lab.state
  const choices = described.experiment.methods.flatMap((method, learner) => (strengthOf(method, catalogue) ? [learner] : []))
  if (!choices.length || described.tasks.length < 2) return html`<p class="about">${say.none}</p>`
  const names = namesOf(described.experiment, catalogue)
  const { tasks } = described
  const [old, fresh] = [say.old(tasks.slice(0, -1).map(({ name }) => name)), say.fresh(tasks.at(-1).name)]
  const unit = strings.testLoss[tasks[0].loss]
  const named = (points, nameOf) => (points ?? []).map((point) => {
    const name = nameOf(point.value)
    return { ...point, name, help: say.point(name, old, inWords(point.old), fresh, inWords(point.fresh)) }
  })
  const points = named(sweep?.points, (value) => `${sweep.parameter.symbol} = ${formatValue(value)}`)
  const references = named(sweep?.references, (kind) => titled(entryOf(catalogue.methods, kind).label))
  const current = sweep && valueOf(methodsAt(experiment, snapshot.step)[sweep.learner], sweep.parameter)
  return html`${controls(lab, choices, names, sweep)}
    ${sweep ? html`<trade-plot .points=${points} .references=${references} .current=${current} .learner=${sweep.learner}
        .label=${say.name(names[sweep.learner].label)} .axes=${[`${old}: ${unit}`, `${fresh}: ${unit}`]}
        @choose=${({ detail }) => lab.setParameter(['methods', sweep.learner, sweep.parameter.key], detail)}></trade-plot>
      ${points.length ? html`<p class="about">${say.about}</p>` : nothing}
      ${tucked(lab, 'trade-table', say.table, () => table([...references, ...points], old, fresh))}` : nothing}`
}
