// Pure functions on experiment documents. What exists and what it is called comes from the
// catalogue; nothing here knows a method, a task or an optimizer by name.

import { formatCount, formatParameter, formatValue } from './format.js'
import { strings } from './strings.js'

/** @import { Catalogue, Document } from './messages.js' */

export const entryOf = (entries, kind) => entries.find((entry) => entry.kind === kind)

export const valueOf = (object, parameter) => object?.[parameter.key] ?? parameter.default

/** Whether the parameter matters, given the values of its entry. */
export function applies(parameter, object, parameters) {
  if (!parameter.when) return true
  const other = parameters.find(({ key }) => key === parameter.when.key)
  return valueOf(object, other ?? { key: parameter.when.key }) === parameter.when.value
}

/** Whether it is trained on the images of digits.pack. @param {Document} document @param {Catalogue} catalogue */
export function needsPack({ tasks }, catalogue) {
  const data = entryOf(catalogue.tasks, tasks?.kind)?.parameters.find(({ key }) => key === 'data')
  return Boolean(data) && valueOf(tasks, data) === 'pack'
}

/** A copy of `object` with `value` at `path`; undefined removes the key. */
export function setIn(object, [key, ...rest], value) {
  const copy = Array.isArray(object) ? [...object] : { ...object }
  const next = rest.length ? setIn(copy[key] ?? {}, rest, value) : value
  if (next === undefined) delete copy[key]
  else copy[key] = next
  return copy
}

/**
 * A parameter of the training section. Steps and epochs exclude each other in a document, so that
 * setting one removes the other.
 */
export function setTraining(document, key, value) {
  const other = { steps_per_task: 'epochs', epochs: 'steps_per_task' }[key]
  const changed = setIn(document, ['training', key], value ?? undefined)
  return other && value != null ? setIn(changed, ['training', other], undefined) : changed
}

export const addMethod = (document, kind) =>
  setIn(document, ['methods'], [...document.methods, { kind }])

const withAlterations = ({ alterations: _, ...document }, alterations) =>
  (alterations.length ? { ...document, alterations } : document)

export const removeMethod = ({ alterations = [], ...document }, index) => withAlterations(
  setIn(document, ['methods'], document.methods.filter((_, at) => at !== index)),
  alterations.filter(({ learner }) => learner !== index)
    .map((change) => (change.learner > index ? { ...change, learner: change.learner - 1 } : change)),
)

/** A value from the start on: of a method's parameter, what was altered of it by hand is no more. */
export function setParameter({ alterations = [], ...document }, path, value) {
  const [part, method, parameter] = path
  return withAlterations(setIn(document, path, value),
    alterations.filter(({ learner, key }) => part !== 'methods' || learner !== method || key !== parameter))
}

/** The methods with what has been altered by hand up to a step. */
export function methodsAt(document, step) {
  let { methods } = document
  for (const change of [...(document.alterations ?? [])].sort((a, b) => a.step - b.step)) {
    if (change.step <= step && methods[change.learner]) {
      methods = setIn(methods, [change.learner, change.key], change.value)
    }
  }
  return methods
}

/** The same experiment with what was altered by hand up to a step in force from the start. */
export function settled(document, step) {
  if (!document.alterations?.length) return document
  return withAlterations({ ...document, methods: methodsAt(document, step) }, document.alterations.filter((change) => change.step > step))
}

const alterationsOf = ({ alterations = [] }, learner) =>
  alterations.filter((change) => change.learner === learner).sort((a, b) => a.step - b.step)

/** The methods that were in force, one after the other, up to a step. */
function turnsUntil(document, learner, step) {
  const { before = [], training, ...method } = document.methods[learner]
  const turns = [...before]
  let own = method
  for (const change of alterationsOf(document, learner)) {
    turns.push({ ...own, until: change.step })
    own = { ...own, [change.key]: change.value }
  }
  turns.push({ ...own, until: step })
  let from = 0
  return turns.flatMap((turn) => {
    const until = Math.min(turn.until, step)
    if (until <= from) return []
    from = until
    return { ...turn, until }
  })
}

/**
 * The same experiment with one learner more: the given one, from a step on with another value, or with
 * another method, which has seen the run from its start.
 * @param {{kind: string, key?: string, value?: any}} change
 */
export function forked(document, learner, step, { kind, key, value }) {
  const method = document.methods[learner]
  const place = document.methods.length
  const inForce = step >= (method.before?.at(-1).until ?? 0)
  if (kind === method.kind && inForce) {
    const before = alterationsOf(document, learner).filter((change) => change.step <= step)
    return {
      ...document,
      methods: [...document.methods, method],
      alterations: [...(document.alterations ?? []), ...before.map((each) => ({ ...each, learner: place })),
        { step, learner: place, key, value }],
    }
  }
  const before = turnsUntil(document, learner, step)
  const { before: _, ...own } = kind === method.kind ? method : { kind, ...(method.training ? { training: method.training } : {}) }
  const copy = { ...own, ...(key ? { [key]: value } : {}), ...(before.length ? { before } : {}) }
  return { ...document, methods: [...document.methods, copy] }
}

/** The parameter that can be altered while it runs and whose 0 leaves plain training, if any. */
export function strengthOf({ parameters }) {
  const live = parameters.filter(({ live }) => live)
  return live.length === 1 && live[0].minimum === 0 ? live[0] : null
}

export const optimizerOf = (document, learner) =>
  document.methods[learner]?.training?.optimizer ?? document.training?.optimizer

function flatten(object, prefix = '', into = {}) {
  for (const [key, value] of Object.entries(object ?? {})) {
    const path = prefix ? `${prefix}.${key}` : key
    if (value && typeof value === 'object' && !Array.isArray(value)) flatten(value, path, into)
    else into[path] = value
  }
  return into
}

/** A method with the training that it really gets. */
function withSharedTraining({ before, ...method }, shared = {}) {
  const { optimizer, l1, l2, weight_decay, decoupled } = { ...shared, ...method.training }
  return { ...method, training: { optimizer, l1, l2, weight_decay, decoupled } }
}

function parameterAt(path, entry, catalogue) {
  const key = path.split('.').at(-1)
  const lists = path.startsWith('training.optimizer.')
    ? catalogue.optimizers.map(({ parameters }) => parameters)
    : path.startsWith('training.') ? [catalogue.training] : [entry?.parameters ?? []]
  return lists.flat().find((parameter) => parameter.key === key)
}

/** "after EWC (step 420)" */
function afterAnother({ before }, catalogue) {
  const last = before?.at(-1)
  return last ? [strings.afterMethod(entryOf(catalogue.methods, last.kind)?.label ?? last.kind, formatCount(last.until))] : []
}

/** "λ = 5 000 → 100 from step 420", and "λ → 100" */
function alteredIn({ key, value, step }, method, entry) {
  const parameter = entry?.parameters.find((parameter) => parameter.key === key)
  const symbol = parameter?.symbol || parameter?.label || key
  const change = ` → ${formatValue(value)}`
  return [strings.sinceStep(`${symbol} = ${formatValue(valueOf(method, parameter ?? { key }))}${change}`, formatCount(step)), symbol + change]
}

/** What is alike in all is told apart by its number. */
const numbered = (names) => names.map((own, index) => {
  const before = names.slice(0, index).filter(({ name }) => name === own.name).length
  if (!before) return own
  const [detail, brief] = [own.detail, own.brief].map((text) => [text, strings.numbered(before + 1)].filter(Boolean).join(', '))
  return { ...own, detail, brief, name: strings.nameOf(own.label, detail) }
})

/**
 * What each learner is called: the method's label and, where several learners share a method, what
 * tells them apart ("λ = 100").
 * @param {Document} document with every default filled in
 * @param {Catalogue} catalogue
 * @returns {{label: string, detail: string, name: string, brief: string}[]}  brief: for a line whose mark tells the step
 */
export function namesOf(document, catalogue) {
  const { tasks } = document.tasks // how many, or themselves
  const single = tasks === 1 || tasks?.length === 1
  const flat = document.methods.map((method) => flatten(withSharedTraining(method, document.training)))
  return numbered(document.methods.map((method, index) => {
    const entry = entryOf(catalogue.methods, method.kind)
    const label = single && !entry?.parameters.length ? strings.oneTask : entry?.label ?? method.kind
    const same = flat.filter((_, at) => document.methods[at].kind === method.kind)
    const paths = [...new Set(same.flatMap(Object.keys))].filter(
      (path) => new Set(same.map((values) => JSON.stringify(values[path]))).size > 1,
    )
    const parts = paths.flatMap((path) => {
      const parameter = parameterAt(path, entry, catalogue)
      const value = flat[index][path]
      if (value === undefined || value === null || (value === 0 && !parameter?.zero) || value === false) return []
      const choice = parameter?.choices?.find((choice) => choice.value === value)
      if (choice) return [choice.label]
      const key = parameter?.symbol || parameter?.label || path
      return [value === true ? key : `${key} = ${formatParameter(parameter ?? {}, value)}`]
    })
    const altered = document.alterations?.findLast(({ learner }) => learner === index)
    const [own, short] = altered ? alteredIn(altered, methodsAt(document, altered.step - 1)[index], entry) : Array(2).fill(parts.slice(0, 2).join(', '))
    const [detail, brief] = [own, short].map((text) => [text, ...afterAnother(method, catalogue)].filter(Boolean).join(', '))
    return { label, detail, name: detail ? strings.nameOf(label, detail) : label, brief }
  }))
}
