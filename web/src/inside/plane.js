// The plane in which GEM's projection is drawn: pure functions of what the engine reports.

/**
 * Arrows and constraints in coordinates whose first axis is g; lengths in units of ‖g‖. A constraint
 * is the projection of g_k on the plane, known from its products with g and g̃. Without a projection
 * the plane is that of g and the g_k at the widest angle to it.
 */
export function planeOf({ norm, used_norm: used, cosine, active, before, after, norms, multipliers }) {
  const sine = Math.sqrt(Math.max(0, 1 - cosine * cosine))
  const bent = active && sine > 1e-6
  const against = before.map((product, k) => (norms[k] > 0 ? product / (norm * norms[k]) : 1))
  const worst = against.indexOf(Math.min(...against))
  const g = [1, 0]
  const projected = bent ? [(used / norm) * cosine, (used / norm) * sine] : g
  const constraints = [...before].map((product, k) => {
    const along = product / norm
    const across = bent ? (after[k] / used - along * cosine) / sine
      : k === worst ? -Math.sqrt(Math.max(0, norms[k] ** 2 - along ** 2)) : 0
    return { k, along, across, active: multipliers[k] > 0, shown: bent || k === worst }
  }).filter(({ along, across, shown }) => shown && Math.hypot(along, across) > 0)
  return { g, projected, constraints }
}

/** Of a polygon, the part where ⟨x, normal⟩ ≥ 0 (Sutherland and Hodgman). */
export function clipped(polygon, { along, across }) {
  const side = ([x, y]) => x * along + y * across
  return polygon.flatMap((point, at) => {
    const next = polygon[(at + 1) % polygon.length]
    const [a, b] = [side(point), side(next)]
    const kept = a >= 0 ? [point] : []
    if ((a < 0) !== (b < 0)) kept.push(point.map((x, axis) => x + (a / (a - b)) * (next[axis] - x)))
    return kept
  })
}
