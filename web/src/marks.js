// Task marks: every task has a colour and a shape, so that colour is never alone. The shapes go round
// in five and the colours one place further each time, so that 25 tasks differ. One path holds every
// point.

const shapes = [
  (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  (x, y, r) => `M${x},${y - 1.25 * r}l${1.2 * r},${2.1 * r}h${-2.4 * r}z`,
  (x, y, r) => `M${x - 0.9 * r},${y - 0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  (x, y, r) => `M${x},${y - 1.35 * r}l${1.1 * r},${1.35 * r}l${-1.1 * r},${1.35 * r}l${-1.1 * r},${-1.35 * r}z`,
  (x, y, r) => {
    const [a, b] = [round(0.42 * r), round(0.8 * r)]
    return `M${x - a},${y - a}v${-b}h${2 * a}v${b}h${b}v${2 * a}h${-b}v${b}h${-2 * a}v${-b}h${-b}v${-2 * a}z`
  },
]
const colours = 5 // of tasks, in the style sheet

/** @param {number} task @param {[number, number][]} points in pixels @param {number} radius */
export const marksPath = (task, points, radius) =>
  points.map(([x, y]) => shapes[task % shapes.length](round(x), round(y), radius)).join('')

/** One mark around the origin, for legends. */
export const markPath = (task, radius = 4) => marksPath(task, [[0, 0]], radius)

export const round = (x) => Math.round(x * 10) / 10

/** How many task and method classes the style sheet has. */
export const taskClass = (task) => `task-${(task + Math.floor(task / shapes.length)) % colours}`
export const methodClass = (learner) => `method-${learner % 8}`
