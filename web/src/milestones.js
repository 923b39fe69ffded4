// What a reader should hear of: tasks that end, losses that rise, learners that diverge.
import { namesOf } from './experiment.js'
import { titled } from './format.js'
import { formatOf, measuresOf } from './series.js'
import { strings } from './strings.js'

/** @import { Catalogue, Description, Snapshot } from './messages.js' */

const references = ['joint', 'cumulative'] // they see the earlier tasks' data, and are no remedies

/** What counts as learned, and as worse. */
const rules = {
  loss: {
    order: (a, b) => a - b,
    learned: (value) => value < 0.02,
    worse: (before, after) => after >= 3 * before,
  },
  accuracy: {
    order: (a, b) => b - a,
    learned: (value) => value > 0.95,
    worse: (before, after) => after <= before - 0.1,
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

/**
 * Of the earlier tasks the one that is lost most: how far, what the best remedy and the reference have
 * left of it, and the worst on the new task.
 */
function changeSince(task, snapshot, described, names, measure) {
  const { order, worse } = rules[measure]
  const format = formatOf[measure]
  const { boundaries, tasks } = described
  const standings = (index) => snapshot.learners.flatMap((learner, at) => (learner.status === 'diverged' ? [] : [{
    name: names[at].name,
    reference: references.includes(described.learners[at].kind),
    before: valueAt(learner, measure, index, boundaries[index]),
    after: valueAt(learner, measure, index, boundaries[task]),
  }])).sort((a, b) => order(a.after, b.after))
  const [lost] = tasks.slice(0, task).flatMap(({ name }, index) => {
    const all = standings(index)
    const worst = all.findLast(({ before, after }) => worse(before, after))
    return worst ? [{ task: name, worst, others: all.filter((each) => each !== worst) }] : []
  }).sort((a, b) => order(b.worst.after, a.worst.after))
  if (!lost) return []
  const { worst, others } = lost
  const compared = [false, true].flatMap((reference) => others.find((each) => each.reference === reference) ?? [])
  const dearest = standings(task).at(-1)
  return [strings.sentence([
    strings.events[measure].worsened(lost.task, format(worst.before), format(worst.after), worst.name),
    ...(compared.length ? [strings.ends(compared.map(({ name, after }) => [name, format(after)])),
      strings.price(tasks[task].name, dearest.name, format(dearest.after))] : []),
  ])]
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
    const change = changeSince(task, now, described, names, measure)
    news.push(...(change.length ? change : endOfTask(task, now, described, measure)))
  })
  return news.map(titled)
}
