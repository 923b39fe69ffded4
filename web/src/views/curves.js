// The forgetting curves: a panel for each task, or, of many tasks, their mean and one of them.
import { html, nothing } from 'lit'
import { namesOf } from '../experiment.js'
import { titled } from '../format.js'
import { meanSoFar, measureOf, measuresOf } from '../series.js'
import { strings } from '../strings.js'
import { logDomain } from '../plots/curve-plot.js'
import { acting } from './acting.js'
import { taskKey } from './keys.js'
import { curveTable } from './tables.js'

/** @import { Lab } from '../lab.js' */

const mostPanels = 4

/** What is written at the end of each line. */
const labelsOf = (names) => names.map(({ label, detail }) => {
  const unique = names.filter((other) => other.label === label).length === 1
  return unique || !detail ? titled(label) : detail
})

function measureSwitch(lab, measure) {
  const { snapshot } = lab.state
  const measures = measuresOf(snapshot)
  if (measures.length < 2) return nothing
  return html`<div class="switch" role="group" aria-label=${strings.measure}>${measures.map((each) => html`
    <button type="button" class="small" aria-pressed=${each === measure ? 'true' : 'false'}
      @click=${() => lab.setMeasure(each)}>${strings.measures[each]}</button>`)}</div>`
}

/** The panels: heading, series and, for one of many tasks, the choice of it. */
function panels(lab, measure) {
  const { described, snapshot } = lab.state
  const { tasks } = described
  const ofTask = (task, heading) => ({
    task, heading,
    label: strings.curveName(tasks[task].name),
    series: snapshot.learners.map(({ curves }) => curves[measure][task]),
  })
  if (tasks.length <= mostPanels) {
    return tasks.map(({ name }, task) =>
      ofTask(task, html`${taskKey(task)}<h3>${strings.curveTitle(name)}</h3>`))
  }
  const mean = {
    task: null, heading: html`<h3>${strings.meanTitle}</h3>`, label: strings.meanName,
    series: snapshot.learners.map((learner) => meanSoFar(learner, measure, described)),
  }
  const chosen = Math.min(lab.state.panelTask, tasks.length - 1)
  const choice = html`${taskKey(chosen)}<h3><label for="panel-task">${strings.panelTask}</label></h3>
    <select id="panel-task" @change=${(event) => lab.setPanelTask(Number(event.target.value))}>
      ${tasks.map(({ name }, task) => html`<option value=${task} ?selected=${task === chosen}>${name}</option>`)}
    </select>`
  return [mean, ofTask(chosen, choice)]
}

/** @param {Lab} lab */
export function curves(lab) {
  const { described, snapshot, catalogue } = lab.state
  const names = namesOf(described.experiment, catalogue)
  const labels = labelsOf(names)
  const measure = measureOf(lab.state)
  const domain = measure === 'accuracy' ? [0, 1] : logDomain(snapshot, ({ curves }) => curves.loss)
  const axis = measure === 'accuracy' ? strings.measures.accuracy : strings.testLoss[described.tasks[0].loss]
  return html`<section class="curves" aria-labelledby="curves-title">
    <div class="section-head"><h2 id="curves-title">${strings.curves}</h2>
      <p>${strings.curvesNote[measure]}</p>${measureSwitch(lab, measure)}</div>
    <div class="panels">${panels(lab, measure).map(({ task, heading, label, series }) => html`<figure>
      <figcaption>${heading}</figcaption>
      <curve-plot .described=${described} .snapshot=${snapshot} .task=${task} .names=${labels}
        .series=${series} .quantity=${measure} .axis=${axis} .label=${label} .domain=${domain}></curve-plot>
    </figure>`)}</div>
    ${curveTable(lab, names)}
    ${acting(lab, names, labels)}
  </section>`
}
