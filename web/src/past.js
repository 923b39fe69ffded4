// An earlier moment of a training, as every view showed it then.

/** @import { Moment, Snapshot } from './messages.js' */

/** The steps that have been recorded so far. @param {Snapshot} snapshot @returns {Float64Array} */
export const recordedOf = ({ learners }) =>
  learners.reduce((longest, { curves }) => (curves.step.length > longest.length ? curves.step : longest), learners[0].curves.step)

/** Of series along the recorded steps, the first `count`. */
function begun(series, count) {
  if (ArrayBuffer.isView(series)) return series.subarray(0, count)
  if (Array.isArray(series)) return series.map((part) => begun(part, count))
  if (series === null || typeof series !== 'object') return series
  return Object.fromEntries(Object.entries(series).map(([key, part]) => [key, begun(part, count)]))
}

const counted = (answers) => answers && { ...answers, ends: answers.ends.length }
const uncounted = (answers, now) => answers && { ...answers, ends: now.ends.slice(0, answers.ends) }

/**
 * What a worker keeps of a snapshot: all but what the latest snapshot has as well, the series and the
 * functions and answers at the ends of tasks.
 * @param {Snapshot} snapshot @returns {Moment}
 */
export const momentOf = (snapshot) => ({
  ...snapshot,
  learners: snapshot.learners.map(({ curves, diagnostics, fit, samples, ...rest }) =>
    ({ ...rest, fit: counted(fit), samples: counted(samples) })),
})

/** The snapshot at that moment again. @param {Moment} moment @param {Snapshot} live @returns {Snapshot} */
export const snapshotAt = (moment, live) => ({
  ...moment,
  learners: moment.learners.map(({ fit, samples, ...rest }, at) => {
    const { curves, diagnostics, fit: fitNow, samples: samplesNow } = live.learners[at]
    const count = curves.step.findLastIndex((step) => step <= moment.step) + 1
    return {
      ...rest,
      curves: begun(curves, count),
      diagnostics: begun(diagnostics, count),
      fit: uncounted(fit, fitNow),
      samples: uncounted(samples, samplesNow),
    }
  }),
})
