// The curves of a finished run in few numbers, that a frame's address brings along: what is drawn there
// until the frame has trained itself, in print, and where it cannot train.
import { html } from 'lit'
import { fromFragment, toFragment } from '../link.js'
import { dress } from '../marks.js'
import { logDomain } from '../plots/curve-plot.js'
import { meanSoFar, measureOf } from '../series.js'
import { strings } from '../strings.js'
import { dialogStrings as words } from '../strings.js?dialog'
import { sampled } from '../views/tables.js'

/** @import { State } from '../lab.js' */

const mostPoints = 61 // of a curve
const mostPanels = 4 // tasks, beyond which their mean stands for them

const key = /&run=([\w-]+)/

/** @param {State} state  of a finished run @param {string[]} names  of the learners @returns {Promise<string>} for an address */
export async function keptRun(state, names) {
  const { described, snapshot } = state
  const { boundaries, tasks } = described
  const measure = measureOf(state)
  const at = sampled(snapshot.learners[0].curves.step.length, mostPoints)
  const short = (values) => at.map((index) => Number(values[index]?.toPrecision(2)))
  const panels = tasks.length > mostPanels
    ? [{ title: strings.meanTitle, task: null, series: snapshot.learners.map((learner) => short(meanSoFar(learner, measure, described))) }]
    : tasks.map(({ name }, task) => ({
      title: strings.curveTitle(name), task, series: snapshot.learners.map(({ curves }) => short(curves[measure][task])),
    }))
  const step = at.map((index) => snapshot.learners[0].curves.step[index])
  const kept = { measure, loss: tasks[0].loss, tasks: tasks.map(({ name }) => name), boundaries: [...boundaries], names, kinds: described.learners.map(({ kind }) => kind), step, panels }
  return (await toFragment(kept)).replace('#v1=', '&run=')
}

/** The run in this address, drawn; null where there is none, or none that can be read. */
export async function keptRunIn(fragment) {
  const packed = key.exec(fragment)?.[1]
  return packed ? fromFragment(`v1=${packed}`).then(drawing).catch(() => null) : null
}

function drawing({ measure, loss, tasks, boundaries, names, kinds = names.map(() => ''), step, panels }) {
  dress({ learners: kinds.map((kind) => ({ kind })) })
  const steps = boundaries.at(-1)
  const described = { steps, boundaries, tasks: tasks.map((name) => ({ name })) }
  const learners = names.map((_, learner) => ({ curves: { step, all: panels.map(({ series }) => series[learner]) } }))
  const snapshot = { step: steps, task: tasks.length - 1, learners }
  const [domain, axis] = measure === 'accuracy' ? [[0, 1], strings.measures.accuracy]
    : [logDomain(snapshot, ({ curves }) => curves.all), strings.testLoss[loss]]
  return html`<p id="kept-run">${words.keptRun}</p>
    <div class="panels">${panels.map(({ title, task, series }) => html`<figure><figcaption><h2>${title}</h2></figcaption>
      <curve-plot .described=${described} .snapshot=${snapshot} .task=${task} .names=${names} .series=${series}
        .quantity=${measure} .axis=${axis} .label=${title} .domain=${domain}></curve-plot></figure>`)}</div>`
}
