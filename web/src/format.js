// Numbers as people read them. What is measured has two significant digits, in plots, tables and
// sentences alike; a share of one has hundredths; what was chosen, not measured, is written in full.

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const superscript = (n) =>
  (n < 0 ? '⁻' : '') + [...String(Math.abs(n))].map((digit) => superscripts[digit]).join('')

/** Two significant digits: 0.33, 0.0041, 3.2×10⁻⁵. */
export function formatLoss(value) {
  if (value === null || value === undefined) return '–'
  if (!Number.isFinite(value)) return '∞'
  const size = Math.abs(value)
  if (size === 0) return '0'
  const sign = value < 0 ? '−' : ''
  const [mantissa, exponent] = size.toExponential(1).split('e').map(Number)
  if (exponent < -4 || exponent > 4) return `${sign}${mantissa}×10${superscript(exponent)}`
  if (exponent >= 1) return sign + Math.round(size)
  return sign + Number(size.toPrecision(2)).toFixed(1 - exponent)
}

const signed = (value, text) => (Number(text) === 0 ? text : (value < 0 ? '−' : '') + text)

/** A share of one: 0.97. */
export const formatShare = (value) =>
  Number.isFinite(value) ? signed(value, Math.abs(value).toFixed(2)) : '–'

/** The same in hundredths: 97%, and never 0% or 100% of what is only nearly so. */
export const formatPercent = (value) =>
  `${value < 1 ? Math.max(1, Math.min(99, Math.round(100 * value))) : 100}%`

/** What is near 1 in more digits: 0.31, 0.9987. */
export const formatCosine = (value) =>
  value > 0.99 ? value.toFixed(4) : formatShare(value)

/** 6000 as "6 000", with a thin no-break space. */
export const formatCount = (value) =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f')

/** A power of ten on an axis. */
export function formatDecade(value) {
  const exponent = Math.round(Math.log10(value))
  if (exponent >= -3 && exponent <= 3) return String(Number(value.toPrecision(1)))
  return `10${superscript(exponent)}`
}

/** How many Latin letters a text is as wide as. */
export const widthOf = (text) => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0)

/** For the start of a line: a catalogue's labels are written for the middle of a sentence. */
export const titled = (text) => text.replace(/^[a-z]/, (letter) => letter.toUpperCase())

/** A parameter's value in a few characters. */
export function formatValue(value) {
  if (Array.isArray(value)) return value.join(', ') || '–'
  if (typeof value !== 'number') return String(value)
  if (value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-4)) {
    const [mantissa, exponent] = value.toExponential().split('e').map(Number)
    return mantissa === 1 ? `10${superscript(exponent)}` : `${mantissa}×10${superscript(exponent)}`
  }
  return Number.isInteger(value) && value > 0 ? formatCount(value) : String(value).replace('-', '−')
}

/** The same of this parameter, whose 0 may mean something else. */
export const formatParameter = ({ zero }, value) => (value === 0 && zero) || formatValue(value)
