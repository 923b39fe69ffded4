// Whether a method acts: where it does nothing to the training, and where it does so much that a new
// task is not learned.
import { entryOf } from './experiment.js'
import { formatOf, measuresOf } from './series.js'
import { strings } from './strings.js'

/** @import { Catalogue, Description, Snapshot } from './messages.js' */

const negligible = 1e-3 // a penalty, of the loss
const same = 0.9999 // cosine of a gradient that is used as it is
const fewest = 10 // points of a task, before it is said of a method that it does nothing
const farAbove = { loss: (value, other) => value > 10 * other, accuracy: (value, other) => value < other - 0.15 }
const better = { loss: (a, b) => a < b, accuracy: (a, b) => a > b }

/** Whether nothing that is recorded while a task is trained shows an effect on the gradient. */
function idleIn({ curves, diagnostics }, from, to) {
  const first = curves.step.findIndex((step) => step > from)
  const past = curves.step.findIndex((step) => step > to)
  const end = past < 0 ? curves.step.length : past
  if (first < 0 || end - first < fewest) return false
  for (let at = first; at < end; at++) {
    const { penalty, loss, cosine } = diagnostics
    if (Math.abs(penalty[at]) > negligible * loss[at] || cosine[at] <= same) return false
  }
  return true
}

const valueAt = ({ curves }, measure, task, step) => curves[measure][task][curves.step.indexOf(step)]

/** The methods without settings change no gradient: the best of them shows what could be learned. */
function bestPlain(task, measure, snapshot, described, plain) {
  let best = null
  for (const learner of plain) {
    const value = valueAt(snapshot.learners[learner], measure, task, described.boundaries[task])
    if (value !== undefined && (best === null || better[measure](value, best.value))) best = { learner, value }
  }
  return best
}

/**
 * @param {Snapshot} snapshot @param {Description} described @param {Catalogue} catalogue
 * @param {{name: string}[]} names
 * @returns {string[][]} sentences, of each learner
 */
export function verdictsOf(snapshot, described, catalogue, names) {
  const [measure] = measuresOf(snapshot)
  const { boundaries, tasks } = described
  const isPlain = ({ kind }) => !entryOf(catalogue.methods, kind)?.parameters.length
  const plain = described.learners.flatMap((learner, at) => (isPlain(learner) ? [at] : []))
  const later = tasks.map((_, task) => task).slice(1)
  return snapshot.learners.map((learner, index) => {
    if (plain.includes(index) || learner.status === 'diverged') return []
    const idle = later.filter((task) => idleIn(learner, boundaries[task - 1], boundaries[task]))
    const missed = later.flatMap((task) => {
      const reference = bestPlain(task, measure, snapshot, described, plain)
      const value = valueAt(learner, measure, task, boundaries[task])
      return reference && value !== undefined && farAbove[measure](value, reference.value) ? [{ task, value, reference }] : []
    })
    const said = []
    if (idle.length) {
      const adds = learner.diagnostics.penalty.some((penalty) => penalty > 0)
      said.push(strings.doesNothing(idle.map((task) => tasks[task].name), adds))
    }
    for (const { task, value, reference } of missed.slice(0, 1)) {
      const format = formatOf[measure]
      said.push(strings.doesTooMuch(missed.map(({ task }) => tasks[task].name), tasks[task].name,
        strings.measures[measure], format(value), format(reference.value), names[reference.learner].name))
    }
    return said
  })
}
