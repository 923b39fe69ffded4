// What a reader should hear of: tasks that end, losses that rise, learners that diverge.
import { namesOf } from './experiment.js'
import { titled } from './format.js'
import { formatOf, measuresOf } from './series.js'
import { strings } from './strings.js'

/** @import { Catalogue, Description, Snapshot } from './messages.js' */

/** What counts as learned, worse, and as good as before. */
const rules = {
  loss: {
    order: (a, b) => a - b,
    learned: (value) => value < 0.02,
    worse: (before, after) => after >= 3 * before,
    held: (before, after) => 3 * after > before,
  },
  accuracy: {
    order: (a, b) => b - a,
    learned: (value) => value > 0.95,
    worse: (before, after) => after <= before - 0.1,
    held: () => true,
  },
}

/** What was recorded of `task` at `step`, or the last before it. */
function valueAt({ curves }, measure, task, step) {
  let at = curves.step.length - 1
  while (at > 0 && curves.step[at] > step) at--
  return curves[measure][task][at]
}

function endOfTask(task, snapshot, described, measure) {
  const { order, learned } = rules[measure]
  const say = strings.events[measure]
  const end = described.boundaries[task]
  const values = snapshot.learners
    .filter(({ status }) => status !== 'diverged')
    .map((learner) => valueAt(learner, measure, task, end))
    .sort(order)
  if (!values.length) return []
  const name = described.tasks[task].name
  const [best, worst] = [values[0], values.at(-1)].map(formatOf[measure])
  if (values.length === 1) return [say.learnedOne(name, best)]
  if (learned(values.at(-1))) return [say.learnedAll(name, worst)]
  return [say.learnedRange(name, best, worst)]
}

/** How each learner's loss or accuracy on the tasks before `task` has changed since those ended. */
function changesSince(task, snapshot, described, names, measure) {
  const { order, worse, held } = rules[measure]
  const format = formatOf[measure]
  return described.tasks.slice(0, task).map((earlier, index) => {
    const worsened = []
    const kept = []
    snapshot.learners.forEach((learner, at) => {
      if (learner.status === 'diverged') return
      const before = valueAt(learner, measure, index, described.boundaries[index])
      const after = valueAt(learner, measure, index, described.boundaries[task])
      const { name } = names[at]
      if (worse(before, after)) worsened.push({ before, after, name })
      else if (held(before, after)) kept.push({ after, name })
    })
    worsened.sort((a, b) => order(b.after, a.after))
    const parts = worsened.slice(0, 1).map(({ before, after, name }) =>
      strings.events[measure].worsened(earlier.name, format(before), format(after), name))
    const best = [...worsened.slice(1), ...kept].sort((a, b) => order(a.after, b.after))[0]
    if (parts.length && best) parts.push(strings.held(format(best.after), best.name))
    return parts.length ? strings.sentence(parts) : ''
  })
}

/**
 * @param {Snapshot | null} before
 * @param {Snapshot} now
 * @param {Description} described
 * @param {Catalogue} catalogue
 * @returns {string[]} sentences
 */
export function milestonesOf(before, now, described, catalogue) {
  const names = namesOf(described.experiment, catalogue)
  const [measure] = measuresOf(now)
  const news = []
  now.learners.forEach((learner, index) => {
    if (learner.diverged_at === null || before?.learners[index]?.diverged_at != null) return
    news.push(strings.learnerDiverged(names[index].name, learner.diverged_at))
  })
  described.boundaries.forEach((end, task) => {
    if ((before?.step ?? 0) >= end || now.step < end) return
    news.push(...endOfTask(task, now, described, measure))
    news.push(...changesSince(task, now, described, names, measure).filter(Boolean))
  })
  return news.map(titled)
}
