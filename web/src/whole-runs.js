// Documents for runs that nobody watches, and what several runs come to.
import { shareOf } from './shares.js'

/** @import { Errand } from './background.js' */
/** @import { Document } from './messages.js' */

/** One learner's document. @param {Document} document  with every default @returns {Document} */
export const aloneWith = (document, learner, seed) => ({
  ...shareOf(document, [learner]),
  seed,
  record: { every: document.record.every, parameters: false },
})

/** To train it, for its curves. @param {Document} document  of one learner @returns {Errand} */
export const runOf = (document) => ({ key: JSON.stringify(document), request: { kind: 'train', document } })

/** Linear between the values, as NumPy's default. Hyndman & Fan 1996, definition 7 */
function quantile(sorted, share) {
  const place = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place % 1)
}

/** @param {number[]} values  numbers in any order */
export function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const [first, median, third] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share))
  return { median, low: sorted[0], high: sorted.at(-1), first, third }
}
