// What a reader should hear of: tasks that end, losses that rise, learners that diverge.
import { namesOf } from './experiment.js'
import { formatLoss, titled } from './format.js'
import { strings } from './strings.js'

/** @import { Catalogue, Description, Snapshot } from './messages.js' */

const notable = 3 // times as large, or as small

/** The loss of `task` recorded at `step`, or the last before it. */
function lossAt({ curves }, task, step) {
  let at = curves.step.length - 1
  while (at > 0 && curves.step[at] > step) at--
  return curves.loss[task][at]
}

function endOfTask(task, snapshot, described) {
  const end = described.boundaries[task]
  const losses = snapshot.learners
    .filter(({ status }) => status !== 'diverged')
    .map((learner) => lossAt(learner, task, end))
    .sort((a, b) => a - b)
  if (!losses.length) return []
  const name = described.tasks[task].name
  const [best, worst] = [losses[0], losses.at(-1)].map(formatLoss)
  if (losses.length === 1) return [strings.learnedOne(name, best)]
  if (losses.at(-1) < 0.02) return [strings.learnedAll(name, worst)]
  return [strings.learnedRange(name, best, worst)]
}

/** How each learner's loss on the tasks before `task` has changed since those ended. */
function changesSince(task, snapshot, described, names) {
  return described.tasks.slice(0, task).map((earlier, index) => {
    const rises = []
    const held = []
    snapshot.learners.forEach((learner, at) => {
      if (learner.status === 'diverged') return
      const before = lossAt(learner, index, described.boundaries[index])
      const after = lossAt(learner, index, described.boundaries[task])
      const ratio = after / before
      if (ratio >= notable) rises.push({ before, after, name: names[at].name })
      else if (ratio > 1 / notable) held.push({ after, name: names[at].name })
    })
    rises.sort((a, b) => b.after - a.after)
    const parts = rises.slice(0, 1).map(({ before, after, name }) =>
      strings.rose(earlier.name, formatLoss(before), formatLoss(after), name))
    const best = [...rises.slice(1), ...held].sort((a, b) => a.after - b.after)[0]
    if (parts.length && best) parts.push(strings.held(formatLoss(best.after), best.name))
    return parts.length ? `${parts.join('; ')}.` : ''
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
  const news = []
  now.learners.forEach((learner, index) => {
    if (learner.diverged_at === null || before?.learners[index]?.diverged_at != null) return
    news.push(strings.learnerDiverged(names[index].name, learner.diverged_at))
  })
  described.boundaries.forEach((end, task) => {
    if ((before?.step ?? 0) >= end || now.step < end) return
    news.push(...endOfTask(task, now, described))
    news.push(...changesSince(task, now, described, names).filter(Boolean))
  })
  return news.map(titled)
}
