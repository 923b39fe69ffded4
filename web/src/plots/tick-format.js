// What D3's linear scales need of d3-format, in its place: fixed decimals, as many as a step needs.

export const formatSpecifier = () => ({ type: 'f' })

export const precisionFixed = (step) =>
  step === 0 ? 0 : Math.max(0, -Math.floor(Math.log10(Math.abs(step)) + 1e-9))

export const format = ({ precision = 6 }) => (value) =>
  (Number(value.toFixed(precision)) < 0 ? '−' : '') + Math.abs(value).toFixed(precision)

// Of kinds of numbers that no axis here asks for.
export { precisionFixed as precisionPrefix, precisionFixed as precisionRound, format as formatPrefix }
