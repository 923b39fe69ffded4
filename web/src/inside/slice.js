// A plane through three points of parameter space, and what is drawn in it: pure functions.
import { contours } from 'd3-contour'

/** @import { Description } from '../messages.js' */

export const columns = 41
export const rows = 33
const strides = [4, 2, 1] // of the grid, coarse first; they divide what lies between its edges
const chunk = 50 // places that one errand computes
const margin = 0.3 // around what is to be seen, of its extent
const mostMoments = 64 // of a path
const mostBytes = 32e6 // of all paths' parameters
const mostLevels = 8
const mantissas = [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 5, 7]] // of levels, from sparse to dense

/** The steps at which a path's parameters are taken: recorded ones, the ends of tasks among them. */
export function momentsOf(/** @type {Description} */ { steps, boundaries, parameters, learners, experiment: { record } }) {
  const recorded = Array.from({ length: Math.floor(steps / record.every) + 1 }, (_, at) => at * record.every)
  const most = Math.min(mostMoments, mostBytes / (4 * parameters * learners.length))
  const stride = Math.ceil(recorded.length / Math.max(1, most - boundaries.length))
  const kept = recorded.filter((_, at) => at % stride === 0)
  return [...new Set([...kept, ...boundaries])].sort((a, b) => a - b)
}

const lengthOf = (vector) => Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0))

/**
 * The plane through three points, its axes at right angles and of length 1 (Gram and Schmidt): across,
 * from the first point to the second, and up, to the side of the third. Null where the three are on a line.
 * @param {Float32Array} origin @param {Float32Array} end @param {Float32Array} third
 */
export function planeThrough(origin, end, third) {
  const difference = (point) => Float64Array.from(point, (x, at) => x - origin[at])
  const across = difference(end)
  const length = lengthOf(across)
  const up = difference(third)
  const reach = lengthOf(up)
  for (const at of across.keys()) across[at] /= length
  const along = up.reduce((sum, x, at) => sum + x * across[at], 0)
  for (const at of up.keys()) up[at] -= along * across[at]
  const height = lengthOf(up)
  if (!(length > 0) || !(height > 1e-4 * reach) || !Number.isFinite(height)) return null
  for (const at of up.keys()) up[at] /= height
  return { origin, across, up }
}

/** Where the point's shadow falls on the plane, and how far from the plane it is. */
export function shadowOf({ origin, across, up }, /** @type {Float32Array} */ point) {
  let [x, y, square] = [0, 0, 0]
  for (let at = 0; at < point.length; at++) {
    const difference = point[at] - origin[at]
    x += difference * across[at]
    y += difference * up[at]
    square += difference * difference
  }
  const rest = square - x * x - y * y
  return { x, y, off: rest > 1e-9 * square ? Math.sqrt(rest) : 0 } // below, it is rounding
}

export const distance = (/** @type {Float32Array} */ a, /** @type {Float32Array} */ b) => lengthOf(Float64Array.from(a, (x, at) => x - b[at]))

/** The places of the grid over all these points. @param {{x: number, y: number}[]} points */
export function gridOver(points) {
  const axis = (values, count) => {
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const wide = margin * (high - low)
    return Array.from({ length: count }, (_, at) => low - wide + (at / (count - 1)) * (high - low + 2 * wide))
  }
  return { xs: axis(points.map(({ x }) => x), columns), ys: axis(points.map(({ y }) => y), rows) }
}

/** The grid in pieces of some places each, the coarse ones first. @returns {{stride: number, places: number[]}[]} */
export function piecesOfGrid() {
  const taken = new Set()
  return strides.flatMap((stride) => {
    const fresh = []
    for (let row = 0; row < rows; row += stride) {
      for (let column = 0; column < columns; column += stride) {
        const place = row * columns + column
        if (!taken.has(place)) fresh.push(place)
        taken.add(place)
      }
    }
    return Array.from({ length: Math.ceil(fresh.length / chunk) }, (_, at) =>
      ({ stride, places: fresh.slice(at * chunk, (at + 1) * chunk) }))
  })
}

/**
 * The losses over the finest grid that is complete, null while there is none.
 * @param {{stride: number, places: number[]}[]} pieces @param {(number[][] | undefined)[]} answers  of each, by place and task
 */
export function fieldOf(pieces, answers) {
  const stride = strides.findLast((stride) => pieces.every((piece, at) => piece.stride < stride || answers[at]))
  if (!stride) return null
  const [wide, high] = [columns, rows].map((count) => (count - 1) / stride + 1)
  const losses = [0, 1].map(() => new Float64Array(wide * high))
  pieces.forEach(({ places, ...piece }, at) => {
    if (piece.stride < stride) return
    places.forEach((place, which) => {
      const to = (Math.floor(place / columns) / stride) * wide + (place % columns) / stride
      for (const task of [0, 1]) losses[task][to] = answers[at][which][task]
    })
  })
  return { stride, wide, high, losses }
}

/** Round levels that both tasks share, from the lowest loss to the highest. */
export function levelsOf({ losses }) {
  const finite = losses.flatMap((values) => [...values].filter((value) => value > 0 && Number.isFinite(value)))
  const [low, high] = [Math.min(...finite), Math.max(...finite)]
  const between = (digits) => {
    const found = []
    for (let decade = Math.floor(Math.log10(low)); decade <= Math.log10(high); decade++) {
      found.push(...digits.map((digit) => Number(`${digit}e${decade}`)).filter((level) => level > low && level < high))
    }
    return found
  }
  const all = mantissas.map(between)
  const levels = all.findLast(({ length }) => length <= mostLevels) ?? all[0]
  const every = Math.ceil(levels.length / mostLevels)
  return levels.filter((_, at) => at % every === 0)
}

/**
 * For each level the rings around where the loss is at most that: points in columns and rows of the grid's
 * finest form. Between two places the logarithm of the loss is taken for straight.
 */
export function valleysOf({ stride, wide, high, losses }, task, levels) {
  const depth = Array.from(losses[task], (loss) => -Math.log10(Math.max(loss, 1e-30)))
  return contours().size([wide, high]).thresholds(levels.map((level) => -Math.log10(level)))(depth)
    .map(({ value, coordinates }) => ({
      level: levels.find((level) => -Math.log10(level) === value),
      rings: coordinates.flat().map((ring) => ring.map(([x, y]) => [(x - 0.5) * stride, (y - 0.5) * stride])),
    })).sort((a, b) => a.level - b.level)
}
