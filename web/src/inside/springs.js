// The weights of one learner as springs: pure functions of what session.inside gives.

/** How much of the largest each level begins with, from the second: stiffness, and tension. */
export const stiffnessFrom = [0.01, 0.03, 0.1, 0.3]
export const tensionFrom = [0.05, 0.2, 0.5]

const level = (share, from) => from.filter((least) => share >= least).length

const largestOf = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

/** The least of 1, 2, 5, 10, 20 … that is not below: a scale that seldom moves. */
export function roundedUp(value) {
  if (!(value > 0) || !Number.isFinite(value)) return 0
  const decade = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].find((digit) => digit * decade >= value * (1 - 1e-9)) * decade
}

/**
 * @typedef {object} Spring  of one parameter between two units that are drawn, or of a unit's bias
 * @property {number} layer @property {number | null} from @property {number} to  places in the columns
 * @property {number} value @property {number} change  since the anchor
 * @property {number} stiffness  importance, or without springs the size of the change
 * @property {number} tension  ∂penalty/∂θ
 * @property {number} width  level, 0 to 4 @property {number} pull  level, −3 to 3: down to up
 */

/** Every parameter that is drawn, with the scales. @param {object} inside */
export function springsOf(inside) {
  const { units, values, anchors, stiffness, tension } = inside
  const held = stiffness !== null
  const changes = values.map((value, at) => value - anchors[at])
  const thickness = stiffness ?? changes.map(Math.abs)
  const stiffest = held ? largestOf(thickness) : roundedUp(largestOf(thickness))
  const tensest = held ? roundedUp(largestOf(tension)) : 0
  const equal = held && stiffest > 0 && thickness.every((each) => each === stiffest)
  /** @type {Spring[]} */
  const springs = []
  const add = (layer, from, to) => {
    const at = springs.length
    const size = tensest && level(Math.abs(tension[at]) / tensest, tensionFrom)
    springs.push({
      layer, from, to, value: values[at], change: changes[at], stiffness: thickness[at], tension: tension?.[at] ?? 0,
      width: equal ? 2 : stiffest ? level(thickness[at] / stiffest, stiffnessFrom) : 0,
      pull: held ? (tension[at] > 0 ? -size : size) : 0,
    })
  }
  for (let layer = 0; layer + 1 < units.length; layer++) {
    for (const to of units[layer + 1].keys()) for (const from of units[layer].keys()) add(layer, from, to)
    for (const to of units[layer + 1].keys()) add(layer, null, to)
  }
  return { springs, held, equal, stiffest, tensest }
}

/** How far the stiffest and the slackest quarter have moved, on average; null where all are alike. */
export function movedBy({ springs, equal, held, stiffest }) {
  if (!held || equal || !stiffest) return null
  const sorted = [...springs].sort((a, b) => a.stiffness - b.stiffness)
  const quarter = Math.ceil(sorted.length / 4)
  const mean = (some) => some.reduce((sum, { change }) => sum + Math.abs(change), 0) / some.length
  return { stiff: mean(sorted.slice(-quarter)), slack: mean(sorted.slice(0, quarter)) }
}
