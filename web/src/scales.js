// A slider's position (0 to 1) and a parameter's value. On a log scale whose minimum is 0, the
// lowest position is 0 and the decades begin just above it.

const zeroEnd = 0.04 // share of the slider that means 0
const smallest = 1e-6 // first value above 0, unless the range is smaller

function logRange({ minimum, maximum }) {
  if (minimum > 0) return { from: Math.log10(minimum), to: Math.log10(maximum), floor: 0 }
  const from = Math.log10(Math.min(smallest, maximum / 1e6))
  return { from, to: Math.log10(maximum), floor: zeroEnd }
}

export function toPosition(value, parameter) {
  const { minimum, maximum, scale } = parameter
  if (scale !== 'log') return (value - minimum) / (maximum - minimum)
  if (value <= 0) return 0
  const { from, to, floor } = logRange(parameter)
  return floor + (1 - floor) * Math.min(1, Math.max(0, (Math.log10(value) - from) / (to - from)))
}

export function fromPosition(position, parameter) {
  const { minimum, maximum, scale, type } = parameter
  let value
  if (scale !== 'log') value = minimum + position * (maximum - minimum)
  else {
    const { from, to, floor } = logRange(parameter)
    if (floor && position < floor) return 0
    value = 10 ** (from + ((position - floor) / (1 - floor)) * (to - from))
  }
  if (type === 'integer') value = Math.round(value)
  else value = Number(value.toPrecision(2))
  return Math.min(maximum, Math.max(minimum, value))
}
