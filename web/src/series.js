// What the curves show of a learner: its loss or its accuracy, on a task or on all tasks so far.
import { formatLoss, formatShare } from './format.js'

/** @import { Description, Snapshot } from './messages.js' */

/** @typedef {'loss' | 'accuracy'} Measure */

/** @returns {Measure[]} the one to begin with first */
export const measuresOf = (snapshot) =>
  snapshot.learners[0].curves.accuracy ? ['accuracy', 'loss'] : ['loss']

/** The measure that is shown. @param {{snapshot: Snapshot, measure: Measure}} state @returns {Measure} */
export function measureOf({ snapshot, measure }) {
  const measures = measuresOf(snapshot)
  return measures.includes(measure) ? measure : measures[0]
}

export const formatOf = { loss: formatLoss, accuracy: formatShare }

/** The mean over the tasks that had begun at each recorded step. @param {Description} described */
export function meanSoFar({ curves }, measure, { boundaries }) {
  const all = curves[measure]
  let begun = 1
  return curves.step.map((step, at) => {
    while (begun < all.length && step > boundaries[begun - 1]) begun++
    let sum = 0
    for (let task = 0; task < begun; task++) sum += all[task][at]
    return sum / begun
  })
}
