// The plots' numbers as tables, made when they are opened.
import { html, nothing } from 'lit'
import { formatCount, formatLoss, formatShare, titled } from '../format.js'
import { helpButton } from '../help.js'
import { methodClass } from '../marks.js'
import { pictureOf } from '../plots/pictures.js'
import { formatOf, measureOf, measuresOf } from '../series.js'
import { strings } from '../strings.js'
import { lineKey, taskKey } from './keys.js'

/** @import { Lab } from '../lab.js' */

const mostRows = 13

/** At most `count` of the indices below n, the first and the last among them. */
export const sampled = (n, count = mostRows) => {
  if (n <= count) return Array.from({ length: n }, (_, at) => at)
  return Array.from({ length: count }, (_, at) => Math.round((at * (n - 1)) / (count - 1)))
}

const scroller = (label, table) =>
  html`<div class="scroller" role="region" tabindex="0" aria-label=${label}>${table}</div>`

/** A <details> whose table, and what stands above it, exist only while it is open. */
export function tucked(lab, key, title, table, above = () => nothing) {
  const open = lab.opened.has(key)
  return html`<details class="tucked" ?open=${open} @toggle=${(event) => lab.setOpened(key, event.target.open)}>
    <summary>${title}</summary>${open ? html`${above()}${scroller(title, table())}` : nothing}</details>`
}

/** @param {Lab} lab */
export function fitTable(lab, names) {
  const { described, snapshot } = lab.state
  const picture = pictureOf(described)
  if (picture === 'plane') return planeTable(lab, names)
  if (picture === null) return nothing
  const { x } = described.grid
  return tucked(lab, 'fits', strings.fitTable, () => html`<table>
    <thead><tr><th scope="col">${strings.input}</th>
      ${names.map(({ name }) => html`<th scope="col">${titled(name)}</th>`)}</tr></thead>
    <tbody>${sampled(x.length).map((at) => html`<tr><th scope="row">${formatLoss(x[at])}</th>
      ${snapshot.learners.map(({ fit }) => html`<td>${fit ? formatLoss(fit.now[at]) : strings.none}</td>`)}</tr>`)}
    </tbody></table>`)
}

/** How much of the plane each class has. */
function planeTable(lab, names) {
  const { described, snapshot } = lab.state
  const classes = Array.from({ length: described.outputs }, (_, at) => at)
  const share = ({ now }, label) => {
    const answers = now.subarray(0, now.length / 2) // before their leads
    return answers.reduce((sum, at) => sum + (at === label), 0) / answers.length
  }
  return tucked(lab, 'fits', strings.planeTable, () => html`<table>
    <thead><tr><th scope="col">${strings.classColumn}</th>
      ${names.map(({ name }) => html`<th scope="col">${titled(name)}</th>`)}</tr></thead>
    <tbody>${classes.map((label) => html`<tr><th scope="row">${label}</th>
      ${snapshot.learners.map(({ fit }) => html`<td>${formatShare(share(fit, label))}</td>`)}</tr>`)}
    </tbody></table>`)
}

/** @param {Lab} lab */
export function curveTable(lab, names) {
  const { described, snapshot } = lab.state
  const measure = measureOf(lab.state)
  const longest = snapshot.learners.reduce((a, b) => (b.curves.step.length > a.curves.step.length ? b : a))
  const steps = longest.curves.step
  return tucked(lab, 'curves', strings.curveTable, () => html`<table>
    <thead>
      <tr><th scope="col" rowspan="2">${strings.step}</th>${described.tasks.map(({ name }) => html`
        <th scope="colgroup" colspan=${names.length}>${strings.taskMeasure[measure](name)}</th>`)}</tr>
      <tr>${described.tasks.map(() =>
        names.map(({ name }) => html`<th scope="col">${titled(name)}</th>`))}</tr>
    </thead>
    <tbody>${sampled(steps.length).map((at) => html`<tr>
      <th scope="row">${formatCount(steps[at])}</th>
      ${described.tasks.map((_, task) => snapshot.learners.map(({ curves }) =>
        html`<td>${at < curves.step.length ? formatOf[measure](curves[measure][task][at]) : strings.none}</td>`))}</tr>`)}
    </tbody></table>`)
}

/** The losses or accuracies now and, at the end, the forgetting; the rest when it is asked for. @param {Lab} lab */
export function numbers(lab, names) {
  const { described, snapshot } = lab.state
  const { tasks } = described
  const measure = measureOf(lab.state)
  const [quantity] = measuresOf(snapshot) // of the metrics, whatever is shown
  const more = lab.opened.has('numbers')
  const metrics = strings.metricsOf[quantity].filter(({ key }) => more || key === 'forgetting')
  const { bands } = lab.state.studies ?? {}
  const spread = (index, quantity, pick) => {
    const of = bands?.spread(index, pick)
    return of ? html`<small>${strings.spread(...[of.median, of.low, of.high].map(formatOf[quantity]))}</small>` : nothing
  }
  const measureName = titled(strings.measures[measure])
  const column = (name, help) => html`<th scope="col" rowspan="2">${name}${helpButton(name, help)}</th>`
  return html`${scroller(strings.numbersTable, html`<table class="numbers">
    <thead><tr><th scope="col" rowspan="2">${strings.learner}</th>
      <th scope="colgroup" colspan=${tasks.length}>${measureName}${helpButton(measureName, strings.measureHelp[measure])}</th>
      ${metrics.map(({ name, help }) => column(titled(name), `${help}\n${strings.whereR(strings.measures[quantity])}`))}
      ${more ? column(titled(strings.digest), strings.digestHelp) : nothing}</tr>
      <tr>${tasks.map(({ name }, task) => html`<th scope="col">${taskKey(task)}${name}</th>`)}</tr></thead>
    <tbody>${snapshot.learners.map((learner, index) => html`<tr class=${methodClass(index)}>
      <th scope="row">${lineKey(index)}${titled(names[index].name)}</th>
      ${tasks.map((_, task) => html`<td>${formatOf[measure](learner.curves[measure][task].at(-1))}
        ${spread(index, measure, ({ curves }) => curves[measure][task][learner.curves.step.length - 1])}</td>`)}
      ${metrics.map(({ key }) => html`<td>${learner.metrics ? formatOf[quantity](learner.metrics[key]) : strings.none}
        ${spread(index, quantity, ({ metrics }) => metrics[key])}</td>`)}
      ${more ? html`<td>${learner.digest ? html`<code>${learner.digest}</code>` : strings.none}</td>` : nothing}
    </tr>`)}</tbody></table>`)}
    ${bands ? html`<p class="about">${strings.spreadNote}</p>` : nothing}
    <button type="button" class="small more" aria-expanded=${more ? 'true' : 'false'}
      @click=${() => lab.setOpened('numbers', !more)}>${strings.allNumbers}</button>`
}
