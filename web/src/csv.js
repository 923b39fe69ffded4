// Tasks as text: comma, semicolon or tab between the columns, with or without a line of names. Where no
// comma stands between the columns, it may stand in a number, as in 0,5.
import { dsvFormat } from 'd3-dsv'
import { mostClasses, mostPoints, mostTasks } from './own.js'
import { ownStrings as words } from './strings.js?own'

/** @import { Task } from './own.js' */

export const mostBytes = 1_000_000

const columnsOf = { line: ['x', 'y'], plane: ['x1', 'x2', 'class'] }

const cells = (text) => {
  const first = text.slice(0, text.search(/[\r\n]|$/))
  const delimiter = ['\t', ';', ','].find((each) => first.includes(each)) ?? ','
  const plain = (cell) => (delimiter !== ',' && /^[-+]?\d*,\d+(e[-+]?\d+)?$/i.test(cell) ? cell.replace(',', '.') : cell)
  return dsvFormat(delimiter).parseRows(text).map((row) => row.map((cell) => plain(cell.trim())))
}

/** Where each wanted column stands; the task's place is -1 where there is none. */
function layout(row, wanted) {
  const names = row.map((cell) => cell.toLowerCase())
  const named = row.some((cell) => cell && !Number.isFinite(Number(cell))) && names.some((name) => wanted.includes(name))
  if (named) {
    const missing = wanted.filter((name) => !names.includes(name))
    if (missing.length) throw new Error(words.csvMissing(missing, wanted))
    return { named, task: names.indexOf('task'), places: wanted.map((name) => names.indexOf(name)) }
  }
  const extra = row.length - wanted.length
  if (extra !== 0 && extra !== 1) throw new Error(words.csvColumns(row.length, wanted))
  return { named, task: extra - 1, places: wanted.map((_, at) => at + extra) }
}

function numberAt(row, place, name, line) {
  const cell = row[place] ?? ''
  const value = Number(cell)
  if (cell === '' || !Number.isFinite(value)) throw new Error(words.csvNumber(line, name, cell))
  if (name === 'class' && !(Number.isInteger(value) && value >= 0 && value < mostClasses)) {
    throw new Error(words.csvClass(line, cell, mostClasses - 1))
  }
  return value
}

/**
 * @param {string} text
 * @param {'line' | 'plane'} picture
 * @returns {{named: boolean, tasks: Task[]}} named: the text has a column of tasks. Throws an Error
 *   that names the line, the value and what would be right
 */
export function tasksFromText(text, picture) {
  if (text.length > mostBytes) throw new Error(words.csvLarge(mostBytes))
  const wanted = columnsOf[picture]
  const rows = cells(text.replace(/^\uFEFF/, '')).map((row, at) => ({ row, line: at + 1 }))
    .filter(({ row }) => row.some((cell) => cell !== ''))
  if (!rows.length) throw new Error(words.csvEmpty(wanted))
  const { named, task, places } = layout(rows[0].row, wanted)
  const tasks = new Map()
  for (const { row, line } of named ? rows.slice(1) : rows) {
    const point = places.map((place, at) => numberAt(row, place, wanted[at], line))
    const name = task < 0 ? '' : row[task]
    if (task >= 0 && !name) throw new Error(words.csvName(line))
    if (!tasks.has(name)) tasks.set(name, [])
    if (tasks.get(name).push(point) > mostPoints) throw new Error(words.csvPoints(line, mostPoints))
    if (tasks.size > mostTasks) throw new Error(words.csvTasks(line, mostTasks))
  }
  if (!tasks.size) throw new Error(words.csvEmpty(wanted))
  return { named: task >= 0, tasks: [...tasks].map(([name, points]) => ({ name, points, test: null })) }
}
