// Regions of equal class over a grid of points, as paths: squares between four points, cut where the
// class changes halfway between two of them (marching squares with any number of classes).

/** The polygon of each class in a square whose corners differ, and the lines between them. */
function cut(labels, corners, centre, add, lines) {
  const halves = corners.map(([x, y], at) => {
    const [nextX, nextY] = corners[(at + 1) % 4]
    return [(x + nextX) / 2, (y + nextY) / 2]
  })
  const turns = [0, 1, 2, 3].filter((at) => labels[at] !== labels[(at + 1) % 4])
  const closed = (points) => `M${points.map(([x, y]) => `${x},${y}`).join('L')}z`
  const segment = ([x, y], [toX, toY]) => lines.push(`M${x},${y}L${toX},${toY}`)
  if (turns.length === 2) {
    for (const label of new Set(labels)) {
      const points = []
      for (let at = 0; at < 4; at++) {
        if (labels[at] === label) points.push(corners[at])
        if (turns.includes(at)) points.push(halves[at])
      }
      add(label, closed(points))
    }
    return segment(halves[turns[0]], halves[turns[1]])
  }
  for (let at = 0; at < 4; at++) {
    add(labels[at], closed([halves[(at + 3) % 4], corners[at], halves[at], centre]))
  }
  for (const at of turns) segment(halves[at], centre)
}

/**
 * @param {ArrayLike<number>} classes  row by row
 * @param {number[]} xs  pixels of the columns @param {number[]} ys  pixels of the rows
 * @returns {{fills: Map<number, string>, border: string}}
 */
export function regions(classes, xs, ys) {
  const fills = new Map()
  const lines = []
  const add = (label, path) => fills.set(label, (fills.get(label) ?? '') + path)
  const columns = xs.length
  for (let row = 0; row + 1 < ys.length; row++) {
    const [y, nextY] = [ys[row], ys[row + 1]]
    let from = 0 // of a run of squares of one class
    const endRun = (to) => {
      if (to > from) add(classes[row * columns + from], `M${xs[from]},${y}H${xs[to]}V${nextY}H${xs[from]}z`)
    }
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column
      const labels = [classes[at], classes[at + 1], classes[at + columns + 1], classes[at + columns]]
      if (labels.every((label) => label === labels[0])) continue
      endRun(column)
      from = column + 1
      const [x, nextX] = [xs[column], xs[column + 1]]
      cut(labels, [[x, y], [nextX, y], [nextX, nextY], [x, nextY]], [(x + nextX) / 2, (y + nextY) / 2], add, lines)
    }
    endRun(columns - 1)
  }
  return { fills, border: lines.join('') }
}
