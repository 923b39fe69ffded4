// What a reader should hear of: tasks that end, losses that rise, learners that diverge.
import { namesOf } from './experiment.js'
import { titled } from './format.js'
import { formatOf, measuresOf } from './series.js'
import { strings } from './strings.js'

/** @import { Catalogue, Description, Snapshot } from './messages.js' */

const references = ['joint', 'cumulative'] // they see the earlier tasks' data, and are no remedies
const settles = 50 // steps into a task, before it is told what it does to the others
const changes = 60 // of what is told, in a whole run

/** What counts as learned, and as worse. */
const rules = {
  loss: {
    order: (a, b) => a - b,
    learned: (value) => value < 0.02,
    worse: (before, after) => after >= 3 * before,
    dear: (best, worst) => worst > 2 * best,
  },
  accuracy: {
    order: (a, b) => b - a,
    learned: (value) => value > 0.95,
    worse: (before, after) => after <= before - 0.1,
    dear: (best, worst) => worst < best - 0.1,
  },
}

/** What was recorded of `task` at `step`, or the last before it. */
function valueAt({ curves }, measure, task, step) {
  let at = curves.step.length - 1
  while (at > 0 && curves.step[at] > step) at--
  return curves[measure][task][at]
}

function endOfTask(task, snapshot, described, names, measure) {
  const { order, learned } = rules[measure]
  const say = strings.events[measure]
  const end = described.boundaries[task]
  const values = snapshot.learners
    .flatMap((learner, at) => (learner.status === 'diverged' ? [] : [{ name: names[at].name, value: valueAt(learner, measure, task, end) }]))
    .sort((a, b) => order(a.value, b.value))
  if (!values.length) return []
  const { name } = described.tasks[task]
  const [best, worst] = [values[0], values.at(-1)].map((each) => [formatOf[measure](each.value), each.name])
  if (values.length > 1 && learned(values.at(-1).value)) return [say.learnedAll(name, worst[0])]
  if (best[0] === worst[0]) return [say.learnedAlike(name, best[0])]
  return [say.learnedRange(name, best, worst)]
}

/** How each learner stands on a task at a step, the best first. */
function standingsOf(task, step, { measure, snapshot, described, names }) {
  return snapshot.learners.flatMap((learner, at) => (learner.status === 'diverged' ? [] : [{
    name: names[at].name,
    reference: references.includes(described.learners[at].kind),
    before: valueAt(learner, measure, task, described.boundaries[task]),
    after: valueAt(learner, measure, task, step),
  }])).sort((a, b) => rules[measure].order(a.after, b.after))
}

/**
 * Of the tasks before this one the one that is lost most at a step: how far, and what the best remedy and
 * the reference have left of it; null where none is lost.
 */
function lossOf(task, step, about) {
  const { order, worse } = rules[about.measure]
  const [lost] = about.described.tasks.slice(0, task).flatMap(({ name }, index) => {
    const all = standingsOf(index, step, about)
    const last = all.findLast(({ before, after }) => worse(before, after))
    const worst = last && all.find(({ after }) => after === last.after) // of equals the first
    return worst ? [{ task: name, worst, others: all.filter((each) => each !== worst) }] : []
  }).sort((a, b) => order(b.worst.after, a.worst.after))
  if (!lost) return null
  const format = formatOf[about.measure]
  const { worst, others } = lost
  const compared = [false, true].flatMap((reference) => others.find((each) => each.reference === reference) ?? [])
  return {
    lost: [lost.task, format(worst.before), format(worst.after), worst.name],
    compared: compared.map(({ name, after }) => [name, format(after)]),
  }
}

/** At a task's end: what became of the one that is lost most, and who paid for it on the new task. */
function changeSince(task, about) {
  const end = about.described.boundaries[task]
  const found = lossOf(task, end, about)
  if (!found) return []
  const { lost, compared } = found
  const standings = standingsOf(task, end, about).filter(({ reference }) => !reference)
  const [cheapest, dearest] = [standings[0], standings.at(-1)]
  const alone = standings.filter(({ after }) => after === dearest.after).length === 1
  const price = alone && rules[about.measure].dear(cheapest.after, dearest.after)
    ? [strings.price(about.described.tasks[task].name, dearest.name, formatOf[about.measure](dearest.after))] : []
  return [strings.sentence([
    strings.events[about.measure].worsened(...lost, ''),
    ...(compared.length ? [strings.ends(compared, false), ...price] : []),
  ])]
}

const aboutOf = (snapshot, described, catalogue) =>
  ({ snapshot, described, names: namesOf(described.experiment, catalogue), measure: measuresOf(snapshot)[0] })

/**
 * While a later task is trained: how far an earlier one is lost by now. Empty as long as none is.
 * @param {Snapshot} snapshot @param {Description} described @param {Catalogue} catalogue
 * @param {boolean} playing  then the numbers change a few times a second only, to be read
 */
export function happeningNow(snapshot, described, catalogue, playing) {
  const { task, finished } = snapshot
  if (!task || finished) return ''
  const [start, end] = [described.boundaries[task - 1], described.boundaries[task]]
  const every = playing ? Math.ceil(described.steps / changes) : 1
  const step = start + Math.floor((snapshot.step - start) / every) * every
  if (step - start < Math.min(settles, (end - start) / 5)) return ''
  const about = aboutOf(snapshot, described, catalogue)
  const found = lossOf(task, step, about)
  if (!found) return ''
  const { lost, compared } = found
  return titled(strings.sentence([
    strings.events[about.measure].worsened(...lost, described.tasks[task].name),
    ...(compared.length ? [strings.ends(compared, true)] : []),
  ]))
}

/**
 * @param {Snapshot | null} before
 * @param {Snapshot} now
 * @param {Description} described
 * @param {Catalogue} catalogue
 * @returns {string[]} sentences
 */
export function milestonesOf(before, now, described, catalogue) {
  const about = aboutOf(now, described, catalogue)
  const { names, measure } = about
  const news = []
  now.learners.forEach((learner, index) => {
    if (learner.diverged_at === null || before?.learners[index]?.diverged_at != null) return
    news.push(strings.learnerDiverged(names[index].name, learner.diverged_at))
  })
  if (news.length && names.length > 1 && now.learners.every(({ diverged_at }) => diverged_at !== null)) news.push(strings.allDiverged)
  described.boundaries.forEach((end, task) => {
    if ((before?.step ?? 0) >= end || now.step < end) return
    const change = changeSince(task, about)
    news.push(...(change.length ? change : endOfTask(task, now, described, names, measure)))
  })
  return news.map(titled)
}
