// The learners of one experiment dealt out among several engines, and what those say put together
// again. A learner's result does not depend on its neighbours, so nothing else needs to be shared.

/** @import { Description, Document, Snapshot } from './messages.js' */

/** @typedef {number[]} Share  places in the whole document of the learners that one engine trains */

/** In turn: neighbours often cost alike. @returns {Share[]} */
export const deal = (learners, engines) =>
  Array.from({ length: Math.min(engines, learners) }, (_, engine) =>
    Array.from({ length: Math.ceil((learners - engine) / engines) }, (_, at) => engine + at * engines))

/** The document that one engine runs. @param {Document} document @param {Share} share */
export function shareOf(document, share) {
  const { alterations, ...rest } = document
  const methods = share.map((learner) => document.methods[learner])
  const own = (alterations ?? []).filter(({ learner }) => share.includes(learner))
    .map((change) => ({ ...change, learner: share.indexOf(change.learner) }))
  return { ...rest, methods, ...(own.length ? { alterations: own } : {}) }
}

/** Lists of the engines' own learners in the whole document's order. */
function inOrder(lists, shares) {
  const whole = []
  shares.forEach((share, engine) => share.forEach((learner, at) => (whole[learner] = lists[engine][at])))
  return whole
}

/** @param {Document[]} documents @param {Share[]} shares @returns {Document} */
export function joinDocuments(documents, shares) {
  const { alterations: _, ...rest } = documents[0]
  const alterations = documents.flatMap(({ alterations }, engine) =>
    (alterations ?? []).map((change) => ({ ...change, learner: shares[engine][change.learner] })))
    .sort((a, b) => a.step - b.step)
  const methods = inOrder(documents.map(({ methods }) => methods), shares)
  return { ...rest, methods, ...(alterations.length ? { alterations } : {}) }
}

/** @param {Description[]} descriptions @param {Share[]} shares @returns {Description} */
export const joinDescriptions = (descriptions, shares) => ({
  ...descriptions[0],
  experiment: joinDocuments(descriptions.map(({ experiment }) => experiment), shares),
  learners: inOrder(descriptions.map(({ learners }) => learners), shares),
})

/** Without a digest of the whole. @param {object[]} results @param {Document} experiment @param {Share[]} shares */
export const joinResults = (results, experiment, shares) => ({
  ...results[0],
  experiment,
  learners: inOrder(results.map(({ learners }) => learners), shares),
})

/** Without a digest of the whole, which needs an engine. @param {Snapshot[]} snapshots @param {Share[]} shares */
export const joinSnapshots = (snapshots, shares) => ({
  ...snapshots[0],
  learners: inOrder(snapshots.map(({ learners }) => learners), shares),
  digest: null,
})
