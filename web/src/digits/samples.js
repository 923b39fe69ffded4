// Test images of every task, and what each network says they are: now, and at the end of their task.
import { digitStrings as words } from '../strings.js?digits'

/** @import { Lab } from '../lab.js' */
/** @import { Description, Snapshot } from '../messages.js' */

const mostTasks = 3 // in a card
const aRow = 5 // images

/** An image in ink on nothing, drawn once. */
class DigitImage extends HTMLElement {
  /** @param {{inks: Float32Array, side: number}} image  0 to 1, row by row */
  set image({ inks, side }) {
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side })
    const context = canvas.getContext('2d')
    const picture = context.createImageData(side, side)
    inks.forEach((ink, at) => (picture.data[4 * at + 3] = 255 * ink))
    context.putImageData(picture, 0, 0)
    this.replaceChildren(canvas)
  }
}
customElements.define('digit-image', DigitImage)

/**
 * @typedef {{image: {inks: Float32Array, side: number}, label: number, at: number}} Sample
 *   at: its place in the network's answers
 */

/** @type {WeakMap<object, Sample[][]>} */
const known = new WeakMap()

/** Every task's samples. @param {Description} described */
function samplesOf(described) {
  const { tasks, image_side: side } = described
  if (!known.has(tasks)) {
    let next = 0
    known.set(tasks, tasks.map(({ samples: { inputs, labels } }) => [...labels].map((label, at) =>
      ({ image: { inks: inputs.subarray(at * side * side, (at + 1) * side * side), side }, label, at: next++ }))))
  }
  return known.get(tasks)
}

/**
 * The class that a network takes a sample for, and its probability; null before there are answers.
 * @param {Float32Array | undefined} answers  samples × classes
 */
function answerTo({ at, label }, answers, classes) {
  if (!answers) return null
  let best = at * classes
  for (let i = best; i < (at + 1) * classes; i++) if (answers[i] > answers[best]) best = i
  const digit = best - at * classes
  return { digit, probability: answers[best], right: digit === label }
}

/** A sample's answers of one learner: now, and at the end of its task. */
const answersTo = (sample, task, { samples: { now, ends } }, classes) =>
  ({ now: answerTo(sample, now, classes), then: answerTo(sample, ends[task], classes) })

const rightOf = (answers, when) => answers.reduce((sum, answer) => sum + (answer[when]?.right ?? 0), 0)

const percent = (probability) => (Number.isFinite(probability) ? `${Math.round(100 * probability)}%` : '–')

/** For a learner's card: the images of some tasks. @param {Lab} lab */
export function samples({ html, nothing, strings, sampled, taskKey }, lab, learner, name) {
  const { described } = lab.state
  const line = (answer) => (answer
    ? html`<span class="answer ${answer.right ? 'right' : 'wrong'}">${words.mark(answer.right)} <b>${answer.digit}</b></span>`
    : html`<span class="answer">${strings.none}</span>`)
  const ofTask = (task) => {
    const all = samplesOf(described)[task]
    const answers = all.map((sample) => answersTo(sample, task, learner, described.outputs))
    const [now, then] = [rightOf(answers, 'now'), answers[0].then ? rightOf(answers, 'then') : null]
    const standing = words.standing(now, all.length, then)
    const rows = Array.from({ length: Math.ceil(all.length / aRow) }, (_, row) => all.slice(row * aRow, (row + 1) * aRow))
    return html`<p>${taskKey(task)}<b>${described.tasks[task].name}</b> <span class=${now < then ? 'wrong' : nothing}>${standing}</span></p>
      <div role="img" aria-label=${words.rowName(name, described.tasks[task].name, standing)}>${rows.map((samples, row) => html`<div class="images">
        <span class="when">${words.nowShort}<br>${words.thenShort}</span>${samples.map(({ image, label }, at) => html`<span class="sample"><digit-image
          .image=${image}></digit-image><i>${label}</i>${line(answers[row * aRow + at].now)}${line(answers[row * aRow + at].then)}</span>`)}</div>`)}</div>`
  }
  return html`<div class="samples">${sampled(described.tasks.length, mostTasks).map(ofTask)}</div>`
}

/** What the marks and lines beside the images mean. */
export function samplesLegend({ html }) {
  return html`<li>${words.legend}</li><li><span class="answer right">${words.mark(true)}</span> ${words.right}</li>
    <li><span class="answer wrong">${words.mark(false)}</span> ${words.wrong}</li><li>${words.some}</li>`
}

/** Every sample of every task. @param {Lab} lab @param {{name: string}[]} names */
export function samplesTable({ html, strings, titled, tucked }, lab, names) {
  const { described, snapshot } = lab.state
  const cell = (answer) => html`<td>${answer
    ? `${words.mark(answer.right)} ${answer.digit}, ${percent(answer.probability)}` : strings.none}</td>`
  return tucked(lab, 'fits', words.table, () => html`<table>
    <thead>
      <tr><td colspan="3"></td>${names.map(({ name }) => html`<th scope="colgroup" colspan="2">${titled(name)}</th>`)}</tr>
      <tr><th scope="col">${words.task}</th><th scope="col">${words.image}</th><th scope="col">${words.label}</th>${names.map(() =>
        html`<th scope="col">${words.now}</th><th scope="col">${words.then}</th>`)}</tr>
    </thead>
    <tbody>${samplesOf(described).map((ofTask, task) => ofTask.map((sample, at) => html`<tr>
      <th scope="row">${described.tasks[task].name}</th><td>${at + 1}</td><td>${sample.label}</td>
      ${snapshot.learners.map((learner) => {
        const { now, then } = answersTo(sample, task, learner, described.outputs)
        return [cell(now), cell(then)]
      })}</tr>`))}</tbody></table>`)
}
