// The forgetting curves: a panel for each task, or, of many tasks, their mean and one of them.
import { html, nothing } from 'lit'
import { namesOf } from '../experiment.js'
import { formatLoss, formatShare, titled } from '../format.js'
import { snapshotAt } from '../past.js'
import { meanSoFar, measureOf, measuresOf } from '../series.js'
import { strings } from '../strings.js'
import { logDomain } from '../plots/curve-plot.js'
import { classesOf } from '../plots/pictures.js'
import { acting } from './acting.js'
import { taskKey } from './keys.js'
import { curveTable } from './tables.js'

/** @import { Lab } from '../lab.js' */

const mostPanels = 4

/** What is written at the end of each line: beside at most one other kind, a name is left out that is repeated, where there is a value in its place. */
function labelsOf(names) {
  const repeated = names.map(({ label }) => label).filter((label, at, all) => all.indexOf(label) < at)
  const plain = names.filter(({ label, brief }) => !brief && label === repeated[0]).length
  const alone = names.every(({ label }) => label === repeated[0])
  const isClear = new Set(names.map(({ label }) => label)).size <= 2 && new Set(repeated).size === 1 && plain <= (alone ? 1 : 0)
  return names.map(({ label, brief }) => (isClear && brief && label === repeated[0] ? brief
    : titled(brief ? `${label}, ${brief}` : label)))
}

/** What no network can go below, or what is as good as a guess, where it is known. */
function referenceOf(described, measure) {
  const { noise } = described.experiment.tasks
  if (measure === 'loss' && described.tasks[0].loss === 'mse' && noise) {
    return { value: noise ** 2, text: strings.noiseLine(formatLoss(noise ** 2)) }
  }
  if (measure !== 'accuracy' || !described.tasks[0].train.labels) return undefined
  const classes = [...classesOf(described).values()]
  const chance = 1 / classes.length
  return classes.every(({ task }) => task === null) ? { value: chance, text: strings.chanceLine(formatShare(chance)) } : undefined
}

function measureSwitch(lab, measure) {
  const { snapshot } = lab.state
  const measures = measuresOf(snapshot)
  if (measures.length < 2) return nothing
  return html`<div class="switch" role="group" aria-label=${strings.measure}>${measures.map((each) => html`
    <button type="button" class="small" aria-pressed=${each === measure ? 'true' : 'false'}
      @click=${() => lab.setMeasure(each)}>${strings.measures[each]}</button>`)}</div>`
}

/** The same experiment with other seeds. */
function seedsSwitch(lab) {
  const { opened } = lab.state
  return html`<label class="seeds"><input type="checkbox" .checked=${opened.has('seeds')}
    @change=${({ target }) => lab.setOpened('seeds', target.checked)}>${strings.seeds}</label>`
}

function seedsNote({ done, share, diverged }) {
  const note = strings.seedsNote(done, diverged)
  return share < 1 ? html`<progress max="1" value=${share} aria-label=${note}></progress> ${note}` : note
}

/** The panels: heading, series and, for one of many tasks, the choice of it. */
function panels(lab, measure, snapshot) {
  const { described, studies } = lab.state
  const { tasks } = described
  const ofTask = (task, heading) => ({
    task, heading,
    label: strings.curveName(tasks[task].name),
    series: snapshot.learners.map(({ curves }) => curves[measure][task]),
    bands: studies?.bands?.of(measure, task),
  })
  if (tasks.length <= mostPanels) {
    return tasks.map(({ name }, task) =>
      ofTask(task, html`${taskKey(task)}<h3>${strings.curveTitle(name)}</h3>`))
  }
  const mean = {
    task: null, heading: html`<h3>${strings.meanTitle}</h3>`, label: strings.meanName,
    series: snapshot.learners.map((learner) => meanSoFar(learner, measure, described)),
    bands: studies?.bands?.of(measure, null),
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
  const { described, live, seeking, catalogue } = lab.state
  const snapshot = seeking === null ? lab.state.snapshot : snapshotAt({ ...live, step: seeking }, live) // before the rest is there
  const names = namesOf(described.experiment, catalogue)
  const labels = labelsOf(names)
  const measure = measureOf(lab.state)
  const bands = lab.opened.has('seeds') && lab.state.studies?.bands
  const all = panels(lab, measure, snapshot)
  const edges = all.flatMap(({ bands }) => bands ?? []).flatMap((band) => (band ? [band.low, band.high] : []))
  const reference = referenceOf(described, measure)
  const domain = measure === 'accuracy' ? [0, 1] : logDomain(live, ({ curves }) => curves.loss, [...edges, reference ? [reference.value] : []])
  const axis = measure === 'accuracy' ? strings.measures.accuracy : strings.testLoss[described.tasks[0].loss]
  const later = snapshot !== live ? panels(lab, measure, live).map(({ series }) => ({ snapshot: live, series })) : null
  return html`<section class="curves" aria-labelledby="curves-title" @moment=${({ detail }) => lab.rewind(detail)}>
    <div class="section-head"><h2 id="curves-title">${described.tasks.length > 1 ? strings.curves : strings.curvesOfOne}</h2>
      <p>${bands ? seedsNote(bands) : strings.curvesNote[measure]}</p>${measureSwitch(lab, measure)}${seedsSwitch(lab)}</div>
    <div class="panels">${all.map(({ task, heading, label, series, bands }, at) => html`<figure>
      <figcaption>${heading}</figcaption>
      <curve-plot .described=${described} .snapshot=${snapshot} .task=${task} .names=${labels}
        .series=${series} .bands=${bands} .live=${later?.[at]} .quantity=${measure} .axis=${axis} .label=${label} .domain=${domain} .reference=${reference}></curve-plot>
    </figure>`)}</div>
    ${curveTable(lab, names)}
    ${acting(lab, names, labels)}
  </section>`
}
