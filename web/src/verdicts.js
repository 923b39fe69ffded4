// Whether a method acts: where it does nothing to the training, and where it does so much that a new
// task is not learned.
import { entryOf } from './experiment.js'
import { formatOf, measuresOf } from './series.js'
import { strings } from './strings.js'

/** @import { Catalogue, Description, Snapshot } from './messages.js' */

const negligible = 1e-3 // a penalty, of the loss
const same = 0.9999 // cosine of a gradient that is used as it is
const untouched = 1 - 1e-9 // and of one that differs by rounding alone
const fewest = 10 // points of a task, before it is said of a method what it does
const farAbove = { loss: (value, other) => value > 10 * other, accuracy: (value, other) => value < other - 0.15 }
const better = { loss: (a, b) => a < b, accuracy: (a, b) => a > b }

/** The places of what is recorded after step `from`, up to step `to`. */
function placesIn({ curves: { step } }, from, to) {
  const first = step.findIndex((each) => each > from)
  const past = step.findIndex((each) => each > to)
  return first < 0 ? [] : Array.from({ length: (past < 0 ? step.length : past) - first }, (_, at) => first + at)
}

/** Whether nothing that is recorded while a task is trained shows an effect on the gradient. */
function idleIn(learner, from, to) {
  const { penalty, loss, cosine } = learner.diagnostics
  const places = placesIn(learner, from, to)
  return places.length >= fewest &&
    places.every((at) => Math.abs(penalty[at]) <= negligible * loss[at] && cosine[at] > same)
}

/**
 * At how many of the recorded steps of the current task the gradient was turned, and how far then, in
 * degrees on average; null before there is an old task, and until there is enough to say so.
 * @param {Snapshot} snapshot @param {Description} described
 */
export function turnedNow(learner, { task, step }, { boundaries }) {
  const cosines = task ? placesIn(learner, boundaries[task - 1], step).map((at) => learner.diagnostics.cosine[at]).filter(Number.isFinite) : []
  if (cosines.length < fewest) return null
  const angles = cosines.filter((cosine) => cosine < untouched).map((cosine) => Math.acos(Math.max(-1, cosine)) * 180 / Math.PI)
  return { share: angles.length / cosines.length, degrees: angles.reduce((sum, angle) => sum + angle, 0) / angles.length, count: cosines.length }
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
 * @returns {{brief: string, text: string}[][]} of each learner
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
      const names = strings.listed(idle.map((task) => tasks[task].name))
      said.push({ brief: strings.idle(names, adds), text: strings.doesNothing(names, idle.length > 1, adds) })
    }
    for (const { task, value, reference } of missed.slice(0, 1)) {
      const format = formatOf[measure]
      const of = [format(value), names[reference.learner].name, format(reference.value)]
      said.push({
        brief: strings.costs(tasks[task].name, ...of),
        text: strings.doesTooMuch(tasks[task].name, missed.length > 1, strings.measures[measure], ...of),
      })
    }
    return said
  })
}
