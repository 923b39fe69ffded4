// What a method does to the training: its penalty beside the loss, and how far it turns the gradient.
import { html, nothing } from 'lit'
import { entryOf } from '../experiment.js'
import { formatCosine, formatCount, formatLoss, formatPercent, titled } from '../format.js'
import { helpButton } from '../help.js'
import { logDomain } from '../plots/curve-plot.js'
import { strings } from '../strings.js'
import { turnedNow, verdictsOf } from '../verdicts.js'
import { sampled, tucked } from './tables.js'

/** @import { Lab } from '../lab.js' */

/** For a learner's card: the warnings. */
export const inBrief = (verdicts) => (verdicts.length ? html`<div class="acting">${verdicts.map(({ brief, text }) => html`
  <p><strong>${brief}</strong>${helpButton(brief, text)}</p>`)}</div>` : nothing)

/** How often and how far each method turns the gradient of the task that is trained. */
function turns({ snapshot, described }, names) {
  const { name } = described.tasks[snapshot.task]
  const said = snapshot.learners.flatMap((learner, at) => {
    const turned = turnedNow(learner, snapshot, described)
    return turned ? [html`<li>${titled(names[at].name)}: ${turned.share
      ? strings.turned(formatPercent(turned.share), formatLoss(turned.degrees)) : strings.turnedNone}</li>`] : []
  })
  return said.length ? html`<p class="about">${strings.turnedNote(name)}</p><ul class="verdicts">${said}</ul>` : nothing
}

/** The learner whose numbers the table has: at first the first that is no baseline. */
function chosenIn({ chosen: { acting }, described: { learners }, catalogue }) {
  if (acting < learners.length) return acting
  return Math.max(0, learners.findIndex(({ kind }) => entryOf(catalogue.methods, kind).parameters.length))
}

/** One learner's quantities beside each other: its penalty is to be read against its loss. */
function table(lab) {
  const { curves: { step }, diagnostics } = lab.state.snapshot.learners[chosenIn(lab.state)]
  const columns = [['loss', strings.batchLoss, formatLoss], ['penalty', strings.penalty, formatLoss],
    ['gradient_norm', strings.gradientNorm, formatLoss], ['cosine', strings.cosine, formatCosine]]
  const value = (key, at, format) => {
    const number = diagnostics[key][at]
    return number === undefined || Number.isNaN(number) ? strings.none : format(number)
  }
  return html`<table>
    <thead><tr><th scope="col">${strings.step}</th>
      ${columns.map(([, name]) => html`<th scope="col">${name}</th>`)}</tr></thead>
    <tbody>${sampled(step.length).map((at) => html`<tr><th scope="row">${formatCount(step[at])}</th>
      ${columns.map(([key, , format]) => html`<td>${value(key, at, format)}</td>`)}</tr>`)}</tbody></table>`
}

function choice(lab, names) {
  const chosen = chosenIn(lab.state)
  return html`<p class="choice"><label for="acting-learner">${strings.learner}</label>
    <select id="acting-learner" @change=${(event) => lab.choose('acting', Number(event.target.value))}>
      ${names.map(({ name }, at) => html`<option value=${at} ?selected=${at === chosen}>${titled(name)}</option>`)}
    </select></p>`
}

/** What is said of each learner, above the plots. */
function warnings(verdicts, names, { snapshot: { step, finished }, described: { boundaries } }) {
  const warned = names.flatMap(({ name }, at) => verdicts[at].map(({ text }) => html`<li><strong>${titled(name)}</strong>: ${text}</li>`))
  return warned.length ? html`<ul class="verdicts">${warned}</ul>` : step > boundaries[0] ? html`<p>${strings.allAct(finished)}</p>` : nothing
}

function plots(lab, names, labels, verdicts) {
  const { described, snapshot } = lab.state
  const series = (key) => snapshot.learners.map(({ diagnostics }) => diagnostics[key])
  const any = series('penalty').some((values) => values.some((value) => value > 0))
  const lowest = Math.min(0, ...series('cosine').map((values) => values.reduce((low, value) => (value < low ? value : low), 0)))
  const plot = (key, heading, domain) => html`<figure><figcaption><h3>${heading}</h3></figcaption>
    <curve-plot .described=${described} .snapshot=${snapshot} .task=${null} .names=${labels} .series=${series(key)}
      .quantity=${key} .axis=${strings[key]} .label=${heading} .domain=${domain}></curve-plot></figure>`
  return html`${warnings(verdicts, names, lab.state)}${turns(lab.state, names)}<p class="about">${strings.actingNote}</p>
    <div class="panels">
      ${any ? plot('penalty', strings.penaltyTitle, logDomain(snapshot, ({ diagnostics }) => [diagnostics.penalty]))
        : html`<p class="about">${strings.noPenalty}</p>`}
      ${plot('cosine', strings.cosineTitle, [Math.floor(lowest * 4) / 4, 1])}
    </div>${choice(lab, names)}`
}

/** Penalty and cosine over the whole training, and what they mean. @param {Lab} lab */
export function acting(lab, names, labels) {
  const { snapshot, described, catalogue } = lab.state
  const verdicts = verdictsOf(snapshot, described, catalogue, names)
  const count = verdicts.flat().length
  return tucked(lab, 'acting', strings.acting(count), () => table(lab), () => plots(lab, names, labels, verdicts))
}
