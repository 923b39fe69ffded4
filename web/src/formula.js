// A formula in x as a function. Subscript's parser reads the text with the grammar below into a tree;
// what the tree may hold is listed here, and nothing else is ever looked up or called.
import { binary, expr, lookup, nary, parse, skip, token } from 'subscript/parse'
import 'subscript/feature/number.js'
import { ownStrings as words } from './strings.js?own'

const mostCharacters = 200

const constants = { pi: Math.PI, π: Math.PI, e: Math.E }
const functions = {
  sin: Math.sin, cos: Math.cos, tan: Math.tan, asin: Math.asin, acos: Math.acos, atan: Math.atan,
  sinh: Math.sinh, cosh: Math.cosh, tanh: Math.tanh, exp: Math.exp, ln: Math.log, log: Math.log,
  sqrt: Math.sqrt, abs: Math.abs, sign: Math.sign, floor: Math.floor, ceil: Math.ceil,
  round: Math.round, min: Math.min, max: Math.max,
}
const operators = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b, '^': (a, b) => a ** b,
}
const several = new Set(['min', 'max']) // take any number of arguments, the others one
const has = (table, name) => typeof name === 'string' && Object.hasOwn(table, name)

// The grammar: how strongly each operator binds. A sign binds less than a power on its right, as in
// mathematics (-x^2 is -(x^2)), and may begin an exponent (2^-x).
const [list, sum, product, sign, power, start] = [10, 110, 120, 125, 130, 140]
nary(',', list)
binary('+', sum)
binary('-', sum)
binary('*', product)
binary('/', product)
binary('^', power, true)
for (const operator of '+-') token(operator, start, (left) => !left && (left = expr(sign)) && [operator, left])

/** 3x, 2(x+1), x sin(x) and )( are products. */
const juxtaposed = (left, binding) => {
  if (!left || binding >= product || has(functions, left)) return undefined
  const right = expr(product)
  return right && ['*', left, right]
}
for (const letter of 'abcdefghijklmnopqrstuvwxyzπ') lookup[letter.charCodeAt(0)] = juxtaposed

const closing = ')'.charCodeAt(0)
lookup['('.charCodeAt(0)] = (left, binding) => {
  if (left && !has(functions, left)) return juxtaposed(left, binding)
  skip()
  return [left ? 'call' : 'group', expr(0, closing), left]
}

/** A tree as a function: a name, [, number], or [operator, …]. */
function functionOf(node) {
  if (node === 'x') return (x) => x
  if (has(constants, node)) return () => constants[node]
  if (has(functions, node)) throw new Error(words.formulaNeedsParentheses(node))
  if (typeof node === 'string') throw new Error(words.formulaUnknown(node, ['x', ...Object.keys(constants), ...Object.keys(functions)].join(', ')))
  const [operator, first, second] = node ?? ['']
  if (operator === undefined && typeof first === 'number') return () => first
  if (operator === 'group') return functionOf(first)
  if (operator === 'call') return callOf(second, first?.[0] === ',' ? first.slice(1) : [first])
  if (!has(operators, operator)) throw new Error(words.formulaNot)
  const [apply, left] = [operators[operator], functionOf(first)]
  if (node.length === 2) return operator === '-' ? (x) => -left(x) : left
  const right = functionOf(second)
  return (x) => apply(left(x), right(x))
}

function callOf(name, given) {
  if (!several.has(name) && given.length !== 1) throw new Error(words.formulaArguments(name))
  const parts = given.map(functionOf)
  return (x) => functions[name](...parts.map((part) => part(x)))
}

/** @param {string} text @returns {(x: number) => number} throws an Error that says what is wrong */
export function formulaOf(text) {
  if (!text.trim()) throw new Error(words.formulaEmpty)
  if (text.length > mostCharacters) throw new Error(words.formulaLong(mostCharacters))
  const plain = text.toLowerCase().replaceAll('²', '^2').replaceAll('³', '^3').replaceAll('−', '-')
    .replace(/[×·]/g, '*').replaceAll('**', '^')
  let tree
  try {
    tree = parse(plain)
  } catch {
    throw new Error(words.formulaUnread)
  }
  return functionOf(tree)
}
