// The experiment as a script for plain PyTorch: experiment.py with what the engine made of the
// document written in.
import { strings } from '../strings.js'
import template from './experiment.py'

/** @import { Description, Document } from '../messages.js' */

const known = /^METHODS = \{([^}]*)\}/m.exec(template)[1].match(/\w+(?=":)/g)

/** A value as Python writes it. */
function python(value, indent = '') {
  if (value === null || value === undefined) return 'None'
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value !== 'object') return JSON.stringify(value)
  const deeper = `${indent}    `
  const [open, close, parts] = Array.isArray(value)
    ? ['[', ']', value.map((each) => python(each, deeper))]
    : ['{', '}', Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${python(each, deeper)}`)]
  const line = open + parts.join(', ') + close
  if (line.length + indent.length <= 110 && !line.includes('\n')) return line
  return `${open}\n${parts.map((part) => `${deeper}${part},\n`).join('')}${indent}${close}`
}

const base64 = (numbers) => {
  const bytes = new Uint8Array(Float32Array.from(numbers).buffer)
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

const table = (numbers, count) => `floats("${base64(numbers)}", ${numbers.length / count})`
const examples = ({ inputs, targets, labels, count }) =>
  `\n        (${table(inputs, count)},\n         ${table(targets ?? labels, count)}),`

/** Each task's own outputs, where it has some of its own. */
const headsOf = ({ experiment, tasks }) => experiment.tasks.scenario === 'task'
  ? tasks.map(({ train }) => [Math.min(...train.labels), Math.max(...train.labels) + 1]) : null

/** The kinds of the methods that the script leaves out. @param {Document} document */
const unknownTo = ({ methods }) =>
  [...new Set(methods.flatMap(({ kind, before = [] }) => [...before.map(({ kind }) => kind), kind]).filter((kind) => !known.includes(kind)))]

/**
 * @param {object} given
 * @param {Description} given.described
 * @param {ArrayLike<number>} given.parameters  the first ones
 * @param {string[]} given.names  of the learners
 * @param {string} given.title @param {string} given.link
 */
export function pytorchScript({ described, parameters, names, title, link }) {
  const { seed, network, training, methods, alterations } = described.experiment
  const tasks = described.tasks
  const left = unknownTo(described.experiment)
  const parts = {
    title, link,
    missing: left.length ? `\n\n${strings.notInScript(left)}` : '',
    experiment: python({
      seed, network: { hidden: network.hidden, activation: network.activation }, training, methods,
      ...(alterations ? { alterations } : {}),
    }),
    names: python(names),
    tasks: python(tasks.map(({ name }) => name)),
    ends: python([...described.boundaries]),
    heads: python(headsOf(described)),
    classes: python(Boolean(tasks[0].train.labels)),
    widths: python([described.inputs, ...network.hidden, described.outputs]),
    parameters: base64(parameters),
    train: tasks.map(({ train }) => examples(train)).join(''),
    test: tasks.map(({ test }) => examples(test)).join(''),
  }
  return template.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name])
}
