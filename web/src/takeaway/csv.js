// Curves and the matrix R as tables in which every row is one measurement. Numbers are written so
// that reading them back gives the same bits.

/** @import { Description, Snapshot } from '../messages.js' */

const cell = (value) => {
  const text = value === null || Number.isNaN(value) ? '' : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const table = (rows) => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

const measures = (snapshot) => ['loss', 'train_loss', 'accuracy'].filter((key) => snapshot.learners[0].curves[key])
const titles = { loss: 'test_loss', train_loss: 'train_loss', accuracy: 'test_accuracy' }

/** One row for every recorded step of every task of every learner. */
export function curvesCsv(/** @type {Description} */ { tasks }, /** @type {Snapshot} */ snapshot, names) {
  const keys = measures(snapshot)
  const rows = snapshot.learners.flatMap(({ curves }, learner) => tasks.flatMap(({ name }, task) =>
    Array.from(curves.step, (step, at) => [names[learner], name, step, ...keys.map((key) => curves[key][task][at])])))
  return table([['method', 'task', 'step', ...keys.map((key) => titles[key])], ...rows])
}

/** R[i, j]: of task j after training on task i; in the first rows before any training. */
export function matrixCsv(/** @type {Description} */ { tasks, boundaries }, /** @type {Snapshot} */ snapshot, names) {
  const keys = measures(snapshot)
  const moments = [['', 0], ...tasks.map(({ name }, task) => [name, boundaries[task]])]
  const rows = snapshot.learners.flatMap(({ curves }, learner) => moments.flatMap(([after, step]) => {
    const at = curves.step.indexOf(step)
    return at < 0 ? [] : tasks.map(({ name }, task) =>
      [names[learner], after, name, ...keys.map((key) => curves[key][task][at])])
  }))
  return table([['method', 'after_task', 'task', ...keys.map((key) => titles[key])], ...rows])
}
