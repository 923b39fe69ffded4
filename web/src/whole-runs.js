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

const median = (sorted) => {
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** @param {number[]} values */
export function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: median(sorted), low: sorted[0], high: sorted.at(-1) }
}
