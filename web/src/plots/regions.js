// Regions of equal class over a grid of points, as paths: squares between four points, cut where two
// classes are equal, were their outputs straight lines between the points (marching squares with any
// number of classes).
import { round } from '../marks.js'

/** The polygon of each class in a square whose corners differ, and the lines between them. */
function cut(labels, leads, corners, centre, add, lines) {
  const crossings = corners.map(([x, y], at) => {
    const next = (at + 1) % 4
    const share = leads[at] / (leads[at] + leads[next]) || 0
    return [round(x + share * (corners[next][0] - x)), round(y + share * (corners[next][1] - y))]
  })
  const turns = [0, 1, 2, 3].filter((at) => labels[at] !== labels[(at + 1) % 4])
  const closed = (points) => `M${points.map(([x, y]) => `${x},${y}`).join('L')}z`
  const segment = ([x, y], [toX, toY]) => lines.push(`M${x},${y}L${toX},${toY}`)
  if (turns.length === 2) {
    for (const label of new Set(labels)) {
      const points = []
      for (let at = 0; at < 4; at++) {
        if (labels[at] === label) points.push(corners[at])
        if (turns.includes(at)) points.push(crossings[at])
      }
      add(label, closed(points))
    }
    return segment(crossings[turns[0]], crossings[turns[1]])
  }
  for (let at = 0; at < 4; at++) {
    add(labels[at], closed([crossings[(at + 3) % 4], corners[at], crossings[at], centre]))
  }
  for (const at of turns) segment(crossings[at], centre)
}

/**
 * @param {ArrayLike<number>} fit  the classes row by row, then by how much each is above the next
 * @param {number[]} xs  pixels of the columns @param {number[]} ys  pixels of the rows
 * @returns {{fills: Map<number, string>, border: string}}
 */
export function regions(fit, xs, ys) {
  const fills = new Map()
  const lines = []
  const add = (label, path) => fills.set(label, (fills.get(label) ?? '') + path)
  const columns = xs.length
  const count = columns * ys.length
  for (let row = 0; row + 1 < ys.length; row++) {
    const [y, nextY] = [ys[row], ys[row + 1]]
    let from = 0 // of a run of squares of one class
    const endRun = (to) => {
      if (to > from) add(fit[row * columns + from], `M${xs[from]},${y}H${xs[to]}V${nextY}H${xs[from]}z`)
    }
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column
      const corners = [at, at + 1, at + columns + 1, at + columns]
      const labels = corners.map((corner) => fit[corner])
      if (labels.every((label) => label === labels[0])) continue
      endRun(column)
      from = column + 1
      const [x, nextX] = [xs[column], xs[column + 1]]
      cut(labels, corners.map((corner) => fit[count + corner]), [[x, y], [nextX, y], [nextX, nextY], [x, nextY]], [(x + nextX) / 2, (y + nextY) / 2], add, lines)
    }
    endRun(columns - 1)
  }
  return { fills, border: lines.join('') }
}
