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

