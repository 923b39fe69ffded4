// Which picture there is of what a network computes.

/** @import { Description } from '../messages.js' */

/** @param {Description} described @returns {'line' | 'plane' | null} */
export function pictureOf({ grid, tasks }) {
  if (!grid) return null
  if (!grid.y) return 'line'
  return tasks[0].train.labels ? 'plane' : null
}

/**
 * For every class the task that it belongs to, null where several tasks share it, and its place
 * among the classes of its tasks.
 * @param {Description} described
 * @returns {Map<number, {task: number | null, place: number}>}
 */
export function classesOf({ tasks }) {
  const classes = new Map()
  tasks.forEach(({ train }, task) => {
    const own = [...new Set(train.labels)].sort((a, b) => a - b)
    own.forEach((label, place) => {
      const shared = classes.has(label) && classes.get(label).task !== task
      classes.set(label, { task: shared ? null : task, place })
    })
  })
  return classes
}

/** The task before the one that is trained, once it has ended, or −1. @param {{ends: ArrayLike<number>[]}} fit */
export const lastEnded = ({ ends }, { tasks }) => Math.min(ends.length, tasks.length - 1) - 1

/**
 * Of each task that is over, the examples that a memory keeps, as places among the task's own.
 * @param {{kept: ArrayLike<number>, ends: ArrayLike<number>[]}} fit  kept: rows of all training examples
 */
export function keptOf(fit, described) {
  const last = fit.kept.length ? lastEnded(fit, described) : -1
  let begin = 0
  return described.tasks.slice(0, last + 1).map(({ train }) => {
    const own = [...fit.kept].map((row) => row - begin).filter((at) => at >= 0 && at < train.count)
    begin += train.count
    return own
  })
}
