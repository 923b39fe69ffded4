// The reader's own tasks: points, taken from what is on screen and put into a document. A point is
// [x, y] for functions, [x₁, x₂, class] for classes in the plane.
import { pictureOf } from './plots/pictures.js'

/** @import { Description } from './messages.js' */

/** @typedef {{name: string, points: number[][], test: number[][] | null}} Task  test: null is as points */

export const mostTasks = 20
export const mostPoints = 2000 // of a task
export const mostClasses = 10

/** The fewest digits that give the same number in the engine's single precision. */
function short(value) {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === Math.fround(value)) return rounded
  }
  return Number(value.toPrecision(9))
}

function pointsOf({ inputs, targets, labels, count }) {
  const width = inputs.length / count
  return Array.from({ length: count }, (_, at) => [
    ...Array.from(inputs.subarray(at * width, (at + 1) * width), short), labels ? labels[at] : short(targets[at]),
  ])
}

/** What of an experiment can be drawn: functions of one number, classes in the plane, or nothing. */
export function drawable(described) {
  const picture = pictureOf(described)
  if (picture === 'line') return described.outputs === 1 && described.tasks[0].loss === 'mse' ? 'line' : null
  return picture === 'plane' && described.outputs <= mostClasses ? 'plane' : null
}

/** The tasks on screen as points. @param {Description} described @returns {Task[]} */
export const tasksOf = ({ tasks }) => tasks.map(({ name, train, test }) => {
  const points = pointsOf(train)
  const tested = test ? pointsOf(test) : points
  return { name, points, test: JSON.stringify(tested) === JSON.stringify(points) ? null : tested }
})

/** For the document; tasks without points are left out. @param {Task[]} tasks */
export function sectionOf(tasks, picture) {
  const examples = (points) => picture === 'line'
    ? { inputs: points.map(([x]) => [x]), targets: points.map(([, y]) => [y]) }
    : { inputs: points.map(([x, y]) => [x, y]), labels: points.map(([, , label]) => label) }
  return {
    kind: 'explicit',
    loss: picture === 'line' ? 'mse' : 'cross_entropy',
    tasks: tasks.filter(({ points }) => points.length).map(({ name, points, test }) => ({
      name, train: examples(points), ...(test ? { test: examples(test) } : {}),
    })),
  }
}

/** The first letter that no task is called. @param {Task[]} tasks */
export function freeName(tasks) {
  for (let at = 0; ; at++) {
    const name = String.fromCharCode(65 + (at % 26)) + (at < 26 ? '' : Math.floor(at / 26) + 1)
    if (!tasks.some((task) => task.name === name)) return name
  }
}

const span = (values, least) => {
  const [low, high] = [Math.min(...values, least[0]), Math.max(...values, least[1])]
  const margin = 0.12 * (high - low)
  return [low < least[0] ? low - margin : low, high > least[1] ? high + margin : high]
}

/** The ranges of both axes to draw in, with room around what is there. @param {Task[]} tasks */
export function drawingDomain(tasks, picture) {
  const points = tasks.flatMap((task) => task.points)
  return {
    x: span(points.map(([x]) => x), picture === 'line' ? [-1, 1] : [-1.5, 1.5]),
    y: span(points.map(([, y]) => y), [-1.5, 1.5]),
  }
}
