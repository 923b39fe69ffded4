// The plots' numbers as tables, made when they are opened.
import { html, nothing } from 'lit'
import { formatCount, formatLoss, titled } from '../format.js'
import { helpButton } from '../help.js'
import { strings } from '../strings.js'
import { lineKey, taskKey } from './keys.js'

/** @import { Lab } from '../lab.js' */

const mostRows = 13

/** At most `count` of the indices below n, the first and the last among them. */
const sampled = (n, count) => {
  if (n <= count) return Array.from({ length: n }, (_, at) => at)
  return Array.from({ length: count }, (_, at) => Math.round((at * (n - 1)) / (count - 1)))
}

const scroller = (label, table) =>
  html`<div class="scroller" role="region" tabindex="0" aria-label=${label}>${table}</div>`

/** A <details> whose table exists only while it is open. */
function tucked(lab, key, title, table) {
  const open = lab.opened.has(key)
  return html`<details class="tucked" ?open=${open} @toggle=${(event) => lab.setOpened(key, event.target.open)}>
    <summary>${title}</summary>${open ? scroller(title, table()) : nothing}</details>`
}

/** @param {Lab} lab */
export function fitTable(lab, names) {
  const { described, snapshot } = lab.state
  if (!described.grid) return nothing
  const { x } = described.grid
  return tucked(lab, 'fits', strings.fitTable, () => html`<table>
    <thead><tr><th scope="col">${strings.input}</th>
      ${names.map(({ name }) => html`<th scope="col">${titled(name)}</th>`)}</tr></thead>
    <tbody>${sampled(x.length, mostRows).map((at) => html`<tr><th scope="row">${x[at].toFixed(2)}</th>
      ${snapshot.learners.map(({ fit }) => html`<td>${fit ? fit.now[at].toFixed(3) : strings.none}</td>`)}</tr>`)}
    </tbody></table>`)
}

/** @param {Lab} lab */
export function curveTable(lab, names) {
  const { described, snapshot } = lab.state
  const longest = snapshot.learners.reduce((a, b) => (b.curves.step.length > a.curves.step.length ? b : a))
  const steps = longest.curves.step
  return tucked(lab, 'curves', strings.curveTable, () => html`<table>
    <thead>
      <tr><td></td>${described.tasks.map(({ name }) => html`
        <th scope="colgroup" colspan=${names.length}>${strings.taskLoss(name)}</th>`)}</tr>
      <tr><th scope="col">${strings.step}</th>${described.tasks.map(() =>
        names.map(({ name }) => html`<th scope="col">${titled(name)}</th>`))}</tr>
    </thead>
    <tbody>${sampled(steps.length, mostRows).map((at) => html`<tr>
      <th scope="row">${formatCount(steps[at])}</th>
      ${described.tasks.map((_, task) => snapshot.learners.map(({ curves }) =>
        html`<td>${at < curves.step.length ? formatLoss(curves.loss[task][at]) : strings.none}</td>`))}</tr>`)}
    </tbody></table>`)
}

/** The losses now and, at the end, the metrics. @param {Lab} lab */
export function numbers(lab, names) {
  const { described, snapshot } = lab.state
  const metrics = Object.keys(strings.metrics)
  return scroller(strings.numbersTable, html`<table class="numbers">
    <thead><tr><th scope="col">${strings.learner}</th>
      ${described.tasks.map(({ name }, task) => html`<th scope="col">${taskKey(task)}${strings.taskLoss(name)}${task ? nothing : helpButton(strings.taskLoss(name), strings.metricsHelp.loss)}</th>`)}
      ${metrics.map((key) => html`<th scope="col">${strings.metrics[key]}
        ${helpButton(strings.metrics[key], strings.metricsHelp[key])}</th>`)}
      <th scope="col">${strings.digest}${helpButton(strings.digest, strings.digestHelp)}</th></tr></thead>
    <tbody>${snapshot.learners.map((learner, index) => html`<tr>
      <th scope="row">${lineKey(index)}${titled(names[index].name)}</th>
      ${described.tasks.map((_, task) => html`<td>${formatLoss(learner.curves.loss[task].at(-1))}</td>`)}
      ${metrics.map((key) => html`<td>${learner.metrics ? formatLoss(learner.metrics[key]) : strings.none}</td>`)}
      <td>${learner.digest ? html`<code>${learner.digest}</code>` : strings.none}</td>
    </tr>`)}</tbody></table>`)
}
