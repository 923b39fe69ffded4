// The controls shared by all learners: tasks, network, training, seed.
import { html } from 'lit'
import { entryOf } from '../experiment.js'
import { titled } from '../format.js'
import { strings } from '../strings.js'
import { parameterFields } from './parameters.js'

/** @import { Lab } from '../lab.js' */

/** One without parameters has its data in the document. */
const needsData = ({ parameters }) => !parameters.length

/** A choice among catalogue entries. */
function kindField(id, label, entries, kind, choose) {
  const offered = entries.filter((entry) => !needsData(entry) || entry.kind === kind)
  return html`<div class="field choice"><label for=${id}>${label}</label><span class="control">
    <select id=${id} @change=${(event) => choose(event.target.value)}>${offered.map((entry) => html`
      <option value=${entry.kind} ?selected=${entry.kind === kind}>${titled(entry.label)}</option>`)}</select></span>
    <p class="about">${entryOf(entries, kind)?.help}</p></div>`
}

const group = (title, content) => html`<fieldset><legend>${title}</legend>${content}</fieldset>`

const section = (lab, key, parameters) => parameterFields({
  parameters,
  object: lab.state.experiment[key] ?? {},
  set: (name, value) => lab.setParameter([key, name], value),
})

function tasks(lab) {
  const { catalogue, experiment } = lab.state
  const { kind } = experiment.tasks
  return group(strings.tasks, html`
    ${kindField('task-kind', strings.task, catalogue.tasks, kind, (next) => lab.setParameter(['tasks'], { kind: next }))}
    ${section(lab, 'tasks', (entryOf(catalogue.tasks, kind)?.parameters ?? []).filter(({ key }) => key !== 'data'))}`)
}

function training(lab) {
  const { catalogue, experiment } = lab.state
  const optimizer = experiment.training?.optimizer ?? lab.state.described.experiment.training.optimizer
  const path = ['training', 'optimizer']
  return group(strings.trainingGroup, html`
    ${parameterFields({
      parameters: catalogue.training,
      object: { ...lab.state.described.experiment.training, ...experiment.training },
      set: (key, value) => lab.setTraining(key, value),
    })}
    ${kindField('optimizer-kind', strings.optimizer, catalogue.optimizers, optimizer.kind,
      (next) => lab.setParameter(path, { kind: next }))}
    ${parameterFields({
      parameters: entryOf(catalogue.optimizers, optimizer.kind)?.parameters ?? [],
      object: optimizer,
      set: (key, value) => lab.setParameter(path, { ...optimizer, [key]: value }),
    })}`)
}

/** @param {Lab} lab */
export function experimentPanel(lab) {
  const { catalogue, experiment } = lab.state
  return html`<details class="experiment wide" ?open=${lab.opened.has('experiment')}
      @toggle=${(event) => lab.setOpened('experiment', event.target.open)}><summary><h2>${strings.experiment}</h2>
      <span>${strings.experimentNote}</span></summary>
    <div class="groups">
      ${tasks(lab)}
      ${group(strings.network, section(lab, 'network', catalogue.network))}
      ${training(lab)}
      ${group(strings.record, html`${parameterFields({
        parameters: catalogue.experiment,
        object: experiment,
        set: (key, value) => lab.setParameter([key], value),
      })}
        ${section(lab, 'record', catalogue.record)}`)}
    </div></details>`
}
