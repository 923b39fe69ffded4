// The learners side by side: what each knows now, its loss, its settings.
import { html, nothing, svg } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { applies, entryOf, methodsAt, namesOf, optimizerOf, setIn, strengthOf, valueOf } from '../experiment.js'
import { formatCount, formatParameter, formatValue, titled } from '../format.js'
import { lowerRateOf } from '../lab.js'
import { markPath, methodClass, taskClass } from '../marks.js'
import { classesOf, lastEnded, pictureOf } from '../plots/pictures.js'
import { formatOf, meanSoFar, measureOf } from '../series.js'
import { strings } from '../strings.js'
import { verdictsOf } from '../verdicts.js'
import { inBrief } from './acting.js'
import { digits } from './digits.js'
import { lineKey, taskKey } from './keys.js'
import { ownTasksButton } from './own.js'
import { parameterFields } from './parameters.js'
import { fitTable } from './tables.js'
import '../plots/fit-plot.js'
import '../plots/plane-plot.js'

/** @import { Lab } from '../lab.js' */

const few = 6 // tasks, that a card has room for

/** The loss or the accuracy of each task now; of many tasks their mean and the lowest or highest. */
function standing(learner, { described, measure }) {
  const now = learner.curves[measure].map((values) => values.at(-1))
  const entry = (task, word = '') => html`<span>${word} ${taskKey(task)}${described.tasks[task].name} ${formatOf[measure](now[task])}</span>`
  const line = (entries) => html`<p class="losses">${strings.measures[measure]} ${entries}</p>`
  if (now.length <= few) return line(now.map((_, task) => entry(task)))
  const mean = meanSoFar(learner, measure, described).at(-1)
  const step = learner.curves.step.at(-1)
  const begun = now.filter((_, task) => task === 0 || step > described.boundaries[task - 1])
  const worst = now.indexOf(measure === 'accuracy' ? Math.min(...begun) : Math.max(...begun))
  return line([html`<span>${strings.meanShort} ${formatOf[measure](mean)}</span>`, worst < 0 ? nothing : entry(worst, strings.worstShort)])
}

/** The same in words, for the plot's description. */
const standingInWords = (learner, { described, measure }) =>
  strings.fitDescription[measure](described.tasks.map(({ name }, task) =>
    strings.measureNow(name, formatOf[measure](learner.curves[measure][task].at(-1)))).join(', '))

function picture(lab, state, learner, index, name) {
  const { described } = state
  if (described.image_side) return digits(lab, 'samples', learner, name)
  const values = standingInWords(learner, state)
  switch (learner.fit && pictureOf(described)) {
    case 'line':
      return html`<fit-plot .described=${described} .learner=${learner} .index=${index} .name=${name}
        .values=${values}></fit-plot>`
    case 'plane':
      return html`<plane-plot .described=${described} .learner=${learner} .index=${index} .name=${name}
        .values=${values}></plane-plot>`
    default:
      return html`<p class="no-fit">${strings.noFit}</p>`
  }
}

function alteredNote(lab, index, learner) {
  const { experiment, catalogue } = lab.state
  const keys = experiment.alterations?.filter((change) => change.learner === index).map(({ key }) => key) ?? []
  const parameters = entryOf(catalogue.methods, experiment.methods[index]?.kind)?.parameters ?? []
  const what = parameters.filter(({ key }) => keys.includes(key)).map(({ symbol, label }) => symbol || label)
  return html`<p class="note">${strings.altered(what.join(', '), formatCount(learner.altered_at))}
    ${strings.alteredNote}
    <button type="button" class="small" @click=${() => lab.keepAltered()}>${strings.keepAltered}</button></p>`
}

function divergedNote(lab, index, learner) {
  const optimizer = optimizerOf(lab.state.described.experiment, index)
  return html`<p class="note bad" role="status">${strings.diverged(formatCount(learner.diverged_at))}
    ${lab.state.snapshot.learners.some(({ status }) => status !== 'diverged') ? strings.divergedNote : nothing}
    ${optimizer?.learning_rate ? html`<button type="button" class="small" @click=${() => lab.lowerRate(index)}>
      ${strings.tryRate(formatValue(lowerRateOf(optimizer)))}</button>` : nothing}</p>`
}

/** The first of a method's parameters, such as its strength or the size of its memory, has a place of its own. */
const mainOf = ({ parameters }) => parameters[0]

const setter = (lab, index) => (key, value, parameter) => (parameter.live
  ? lab.alter(index, key, value) : lab.setParameter(['methods', index, key], value))

/** At an earlier moment its value alone, which a fork can change. */
function mainField(lab, index, method) {
  const entry = entryOf(lab.state.catalogue.methods, method.kind)
  if (!entry?.parameters.length) return nothing
  const { symbol, label } = mainOf(entry)
  return lab.rewound ? html`<p><i>${symbol || label}</i> = ${formatValue(valueOf(method, mainOf(entry)))}</p>`
    : parameterFields({ parameters: [mainOf(entry)], object: method, set: setter(lab, index), brief: true })
}

/** The values worth a glance while the settings are closed. */
function summary(entry, method) {
  return entry.parameters
    .filter((parameter) => parameter !== mainOf(entry) && parameter.symbol && parameter.type !== 'choice' && applies(parameter, method, entry.parameters))
    .slice(0, 2)
    .map((parameter) => `${parameter.symbol} = ${formatParameter(parameter, valueOf(method, parameter))}`)
    .join(', ')
}

/** Overrides of the shared training; a field left alone follows the shared value. */
function ownTraining(lab, index, method) {
  const { catalogue, experiment } = lab.state
  const own = method.training ?? {}
  const keys = ['l1', 'l2', 'weight_decay', 'decoupled']
  const shared = catalogue.training.filter(({ key }) => keys.includes(key))
  const optimizer = own.optimizer ?? experiment.training?.optimizer ?? {}
  const entry = entryOf(catalogue.optimizers, optimizer.kind) ?? catalogue.optimizers[0]
  const path = ['methods', index, 'training']
  return html`<details class="own">
    <summary>${strings.ownTraining}${method.training ? html` <span class="dot">•</span>` : nothing}</summary>
    ${parameterFields({
      parameters: shared,
      object: { ...experiment.training, ...own },
      inherited: (parameter) => own[parameter.key] === undefined,
      set: (key, value) => lab.setParameter([...path, key], value),
    })}
    ${parameterFields({
      parameters: entry.parameters,
      object: optimizer,
      inherited: () => !own.optimizer,
      set: (key, value) => lab.setParameter([...path, 'optimizer'], { ...optimizer, kind: entry.kind, [key]: value }),
    })}
    ${method.training ? html`<button type="button" class="small"
      @click=${() => lab.setParameter(path, undefined)}>${strings.shared}</button>` : nothing}
  </details>`
}

function settings(lab, index, method, label) {
  const { catalogue, experiment } = lab.state
  const entry = entryOf(catalogue.methods, method.kind)
  if (!entry) return nothing
  return html`<details class="settings">
    <summary>${strings.settings} <span class="values">${summary(entry, method)}</span></summary>
    <p class="about">${entry.help}</p>
    ${parameterFields({ parameters: entry.parameters, except: mainOf(entry), object: method, set: setter(lab, index) })}
    ${entry.parameters.length ? nothing : html`<p class="about">${strings.noSettings}</p>`}
    ${ownTraining(lab, index, method)}
    ${entry.source ? html`<p class="about source">${strings.source}: ${entry.source}</p>` : nothing}
    ${experiment.methods.length > 1 ? html`<button type="button" class="small"
      @click=${({ target }) => {
        lab.removeMethod(index)
        target.closest('.cards').querySelector('#add-method').focus({ preventScroll: true })
      }}>${strings.remove(label)}</button>` : nothing}
  </details>`
}

/** Another value to fork with: a tenth of the method's own, or the usual where that is none. */
const otherValue = (own, method, { parameter, entry }) => {
  const value = valueOf(entry === own ? method : {}, parameter)
  return entry === own && value ? value / 10 : value || parameter.default || 1
}

/** From the moment that is shown: the same method with another value, or another method. */
function forkForm(lab, index, method) {
  const { catalogue, snapshot } = lab.state
  const own = entryOf(catalogue.methods, method?.kind)
  if (!own || snapshot.learners[index].status === 'diverged') return nothing
  const nameOf = ({ symbol, label }) => symbol || label
  const others = catalogue.methods.filter((entry) => entry !== own).map((entry) => ({ entry, parameter: strengthOf(entry) }))
  const choices = [
    ...own.parameters.filter(({ live }) => live).map((parameter) => ({ entry: own, parameter, text: nameOf(parameter) })),
    ...others.filter(({ parameter }) => parameter)
      .map((choice) => ({ ...choice, text: `${titled(choice.entry.label)}, ${nameOf(choice.parameter)}` })),
    ...others.filter(({ parameter }) => !parameter).map((choice) => ({ ...choice, text: titled(choice.entry.label) })),
  ]
  const valueFor = (choice) => (choice.parameter
    ? { hidden: false, required: true, value: otherValue(own, method, choice), min: choice.parameter.minimum, max: choice.parameter.maximum }
    : { hidden: true, required: false })
  const first = valueFor(choices[0])
  const fork = (event) => {
    event.preventDefault()
    const { choice, value } = event.target.elements
    const { entry, parameter } = choices[choice.value]
    lab.fork(index, parameter ? { kind: entry.kind, key: parameter.key, value: value.valueAsNumber } : { kind: entry.kind })
  }
  const choose = ({ target }) => {
    Object.assign(target.form.elements.value, valueFor(choices[target.value]))
    target.parentElement.dataset.chosen = choices[target.value].text
  }
  return html`<details class="settings"><summary>${strings.forkAt(formatCount(snapshot.step))}</summary>
    <form class="fork" @submit=${fork}><span>${strings.forkNote}</span>
    <div class="pick" data-chosen=${choices[0].text}><select name="choice" aria-label=${strings.forkMethod} @change=${choose}>${choices.map(({ text }, at) => html`
      <option value=${at}>${text}</option>`)}</select></div>
    <input type="number" name="value" step="any" ?required=${first.required} ?hidden=${first.hidden} min=${first.min} max=${first.max} aria-label=${strings.forkValue}
      value=${first.value}>
    <button type="submit" class="small">${strings.fork}</button></form></details>`
}

function card(lab, index, names, methods, verdicts) {
  const { described, snapshot } = lab.state
  const state = { described, measure: measureOf(lab.state) }
  const learner = snapshot.learners[index]
  const { label, detail, brief, name } = names[index]
  return html`<article class="card ${methodClass(index)} ${learner.status}" aria-label=${name}>
    <h3>${lineKey(index)}<span>${titled(label)}${detail ? html` <small class=${detail === brief ? nothing : 'altered'}>${detail}</small>` : nothing}</span></h3>
    ${picture(lab, state, learner, index, name)}
    ${standing(learner, state)}
    <div class="main">${methods[index] ? mainField(lab, index, methods[index]) : nothing}</div>
    <div>${inBrief(verdicts[index])}
    ${learner.diverged_at === null ? nothing : divergedNote(lab, index, learner)}
    ${learner.altered_at === null ? nothing : alteredNote(lab, index, learner)}
    ${lab.rewound ? forkForm(lab, index, methods[index]) : methods[index] ? settings(lab, index, methods[index], name) : nothing}</div>
  </article>`
}

const lineKeyOf = (name) => html`<svg class="key" width="26" height="10" viewBox="0 0 26 10"
  aria-hidden="true"><path class=${name} d="M1,5H25" /></svg>`
const lineItem = (name, text, state = '') => html`<li class=${state}>${lineKeyOf(name)}${text}</li>`

/** A key for each task; of many, all in one line. */
function taskItems(tasks) {
  if (tasks.length < few) return tasks.map(({ name }, task) => html`<li>${taskKey(task)}${strings.legendData(name)}</li>`)
  return html`<li class="all">${strings.legendTasks}${tasks.map(({ name }, task) => html`<span>${taskKey(task)}${name}</span>`)}</li>`
}

/** The network now: a thick line, in each method's colour. */
const nowItem = ({ learners }, text) => html`<li><svg class="key" width="36" height="10" viewBox="0 0 36 10"
  aria-hidden="true">${learners.map((_, at) => svg`<path class="now ${methodClass(at)}"
    d="M${36 * at / learners.length},5h${36 / learners.length}" />`)}</svg>${text}</li>`

/** Of the task before; until one has ended, only its place. */
function lastItem({ described, snapshot }, text) {
  const fit = snapshot.learners.map(({ fit }) => fit).find(Boolean)
  const task = fit ? lastEnded(fit, described) : -1
  return html`<li class=${task < 0 ? 'absent' : ''}>${lineKeyOf(`end ${taskClass(Math.max(0, task))}`)}${text}</li>`
}

const endItems = (state) => (state.described.tasks.length < few
  ? state.described.tasks.slice(0, -1).map(({ name }, task) => lineItem(`end ${taskClass(task)}`, strings.legendEnd(name),
    state.snapshot.step < state.described.boundaries[task] ? 'absent' : ''))
  : lastItem(state, strings.legendLastFit))

/** The two classes of a task, as marks on their tints. */
function classItems(described) {
  const shared = [...classesOf(described).values()].some(({ task }) => task === null)
  const key = (place) => html`<svg class="key" width="20" height="16" viewBox="-10 -8 20 16" aria-hidden="true">
    <path class="region ${shared ? 'shared' : taskClass(0)} ${place ? 'light' : ''}" d="M-10-8h20v16h-20z" />
    <path class="point ${taskClass(0)} ${place ? 'hollow' : ''}" d=${markPath(0, 4)} /></svg>`
  return [0, 1].map((place) => html`<li>${key(place)}${strings.legendClass[place]}</li>`)
}

/** A ring around what a memory keeps, where one does. */
const keptItem = ({ learners }) => (learners.some(({ fit }) => fit?.kept.length)
  ? html`<li><svg class="key" width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true"><circle class="kept" r="4.5" /></svg>${strings.legendKept}</li>`
  : nothing)

/** What the marks and lines of the panels mean. */
function legend(lab) {
  const { described, snapshot } = lab.state
  const { tasks } = described
  switch (pictureOf(described)) {
    case 'line':
      return html`<ul class="legend">${taskItems(tasks)}
        ${tasks.some(({ truth }) => truth) ? lineItem('truth', strings.legendTruth) : nothing}
        ${nowItem(snapshot, strings.legendNow)}${tasks.length > 1 ? endItems(lab.state) : nothing}${keptItem(snapshot)}</ul>`
    case 'plane':
      return html`<ul class="legend">${taskItems(tasks)}${classItems(described)}
        ${nowItem(snapshot, strings.legendBorder)}
        ${tasks.length > 1 ? lastItem(lab.state, strings.legendLastEnd) : nothing}${keptItem(snapshot)}</ul>`
    default:
      return html`<ul class="legend">${described.image_side ? digits(lab, 'samplesLegend') : taskItems(tasks)}</ul>`
  }
}

function adder(lab) {
  const { catalogue } = lab.state
  const add = (event) => {
    event.preventDefault()
    lab.addMethod(event.target.elements.kind.value)
  }
  return html`<form class="adder" @submit=${add}>
    <label for="add-method">${strings.add}</label>
    <select id="add-method" name="kind">${catalogue.methods.map(({ kind, label }) => html`
      <option value=${kind}>${titled(label)}</option>`)}</select>
    <button type="submit">${strings.addButton}</button>
  </form>`
}

/** On a narrow page a card that opens is as wide as the page, and may move there: what was opened stays in sight. */
const keptInSight = {
  handleEvent: ({ target }) => target.open && target.closest('.card') && innerWidth < 620 && target.scrollIntoView({ block: 'nearest' }),
  capture: true, // of an event that does not bubble
}

const cardsClass = (count) => (count === 1 ? 'one' : count < 5 ? 'few' : 'many')

/** @param {Lab} lab */
export function learners(lab) {
  const { described, snapshot, experiment, altering, catalogue } = lab.state
  const names = namesOf(described.experiment, catalogue)
  const methods = altering.reduce((all, { learner, key, value }) => setIn(all, [learner, key], value), methodsAt(experiment, snapshot.step))
  const verdicts = verdictsOf(snapshot, described, catalogue, names)
  return html`<section class="fits" aria-labelledby="fits-title">
    <div class="section-head"><h2 id="fits-title">${strings.fits}</h2>${legend(lab)}${lab.state.described.image_side ? nothing : ownTasksButton(lab)}</div>
    <div class="cards ${cardsClass(snapshot.learners.length)}" @toggle=${keptInSight}>${repeat(snapshot.learners, (_, index) => `${index} ${described.learners[index].kind}`,
      (_, index) => card(lab, index, names, methods, verdicts))}${adder(lab)}</div>
    ${described.image_side ? digits(lab, 'samplesTable', names) : fitTable(lab, names)}
  </section>`
}
