// The matrix R as a heat map for each learner.
import { html, nothing } from 'lit'
import { namesOf } from '../experiment.js'
import { titled } from '../format.js'
import { hideTip, showTip } from '../help.js'
import { formatOf, measureOf } from '../series.js'
import { strings } from '../strings.js'
import { lineKey, taskKey } from './keys.js'
import { tucked } from './tables.js'

/** @import { Lab } from '../lab.js' */

const mostWritten = 10 // tasks, beyond which a cell is too small for its number
const shades = 7 // in the style sheet

/** The rows so far, the first that of the untrained network: R[i][j] on task j after i tasks. */
export function matrixOf({ curves }, measure, { boundaries }) {
  return [0, ...boundaries].map((end) => {
    const at = curves.step.indexOf(end)
    return at < 0 ? null : curves[measure].map((values) => values[at])
  })
}

/** From 0 to 1: of an accuracy as it is, of a loss on a log scale of half decades. */
function shading(matrices, measure) {
  if (measure === 'accuracy') return { ends: [0, 1], place: (value) => value }
  const sizes = matrices.flat(2).filter((value) => value > 0 && value < Infinity).map(Math.log10)
  const low = Math.floor(2 * Math.min(...sizes, 0)) / 2
  const high = Math.max(low + 1, Math.ceil(2 * Math.max(...sizes, low)) / 2)
  return { ends: [10 ** low, 10 ** high], place: (value) => (Math.log10(value) - low) / (high - low) }
}

const shade = (place) => `heat-${Math.max(0, Math.min(shades - 1, Math.floor(place * shades)))}`

/** The arrow keys, Home and End move the focus among a table's buttons. */
function move(event) {
  const rows = [...event.currentTarget.rows].map((row) => [...row.querySelectorAll('button')])
    .filter((row) => row.length)
  const row = rows.findIndex((buttons) => buttons.includes(event.target))
  if (row < 0) return
  const column = rows[row].indexOf(event.target)
  const to = {
    ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], Home: [row, 0], End: [row, rows[row].length - 1],
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column],
  }[event.key]
  if (!to) return
  event.preventDefault()
  const next = rows[to[0]]?.[to[1]]
  if (!next) return
  event.target.tabIndex = -1
  next.tabIndex = 0
  next.focus()
}

/** @param {{open: (tasks: number) => void}} given  open: the moment at which so many tasks had been trained */
function heatMap(matrix, { described, measure, place, name, open }) {
  const { tasks } = described
  const written = tasks.length <= mostWritten
  const rowName = (at) => (at ? strings.afterTask(tasks[at - 1].name) : strings.untrained)
  const cell = (value, row, column) => {
    if (value === undefined) return html`<td></td>`
    const said = strings.cell(rowName(row), strings.onTask(tasks[column].name), formatOf[measure](value))
    const help = strings.openMoment(said)
    return html`<td><button type="button" class=${Number.isFinite(value) ? shade(place(value)) : nothing}
      tabindex=${row + column ? -1 : 0} data-help=${help} aria-label=${help}
      @click=${() => open(row)}>${written ? formatOf[measure](value) : nothing}</button></td>`
  }
  return html`<table class="heat ${written ? '' : 'dense'}" role="grid" aria-label=${strings.matrixOf(name)}
    @keydown=${move} @pointerover=${showTip} @focusin=${showTip} @pointerout=${hideTip} @focusout=${hideTip}>
    <thead><tr><td></td>${tasks.map(({ name }, task) => html`
      <th scope="col">${written ? html`${taskKey(task)}${strings.onTask(name)}` : name}</th>`)}</tr></thead>
    <tbody>${matrix.map((values, row) => html`<tr><th scope="row">${rowName(row)}</th>
      ${tasks.map((_, column) => cell(values?.[column], row, column))}</tr>`)}</tbody></table>`
}

const heatKey = ([low, high], measure) => html`<p class="heat-key">${formatOf[measure](low)}
  <span aria-hidden="true">${Array.from({ length: shades }, (_, at) => html`<i class="heat-${at}"></i>`)}</span>
  ${formatOf[measure](high)}</p>`

function table(matrices, names, { tasks }, measure) {
  return html`<table><thead><tr><th scope="col">${strings.learner}</th><td></td>
      ${tasks.map(({ name }) => html`<th scope="col">${strings.onTask(name)}</th>`)}</tr></thead>
    <tbody>${matrices.map((matrix, learner) => matrix.map((values, row) => values && html`<tr>
      <th scope="row">${titled(names[learner].name)}</th>
      <th scope="row">${row ? strings.afterTask(tasks[row - 1].name) : strings.untrained}</th>
      ${values.map((value) => html`<td>${formatOf[measure](value)}</td>`)}</tr>`))}</tbody></table>`
}

function view(lab, measure) {
  const { described, snapshot, catalogue } = lab.state
  const names = namesOf(described.experiment, catalogue)
  const all = snapshot.learners.map((learner) => matrixOf(learner, measure, described))
  const { ends, place } = shading(all, measure)
  const open = (row) => lab.rewind(row ? described.boundaries[row - 1] : 0)
  const figure = (matrix, learner) => html`<figure>
    <figcaption>${lineKey(learner)}<h3>${titled(names[learner].name)}</h3></figcaption>
    <div class="scroller">${heatMap(matrix, { described, measure, place, name: names[learner].name, open })}</div></figure>`
  return html`<div class="section-head"><p>${strings.matrixNote(strings.measures[measure])}</p>${heatKey(ends, measure)}</div>
    <div class="panels matrices">${all.map(figure)}</div>
    ${described.tasks.length > mostWritten
      ? tucked(lab, 'matrix-table', strings.matrixTable, () => table(all, names, described, measure)) : nothing}`
}

let last = { key: [], view: nothing } // most frames change nothing here

/** @param {Lab} lab */
export function matrix(lab) {
  const { described, snapshot } = lab.state
  const measure = measureOf(lab.state)
  const rows = described.boundaries.filter((end) => end <= snapshot.step).length
  const key = [described, measure, rows, lab.opened.has('matrix-table'), ...snapshot.learners.map(({ digest, status }) => digest ?? status)]
  if (key.length !== last.key.length || key.some((part, at) => part !== last.key[at])) {
    last = { key, view: view(lab, measure) }
  }
  return last.view
}
