// What the reader points at, for all plots of curves together: a step, which each of them marks.

/** The plots that are on the page, each to be drawn again. @type {Set<{requestUpdate: () => void}>} */
export const plots = new Set()

/** step: where it was pointed, which need not be a recorded one; plot: in which. */
export const pointed = { step: null, plot: null }

/** @param {Partial<typeof pointed>} change */
export function point(change) {
  if (Object.entries(change).every(([key, value]) => pointed[key] === value)) return
  Object.assign(pointed, change)
  for (const plot of plots) plot.requestUpdate()
}

/** What a finger pointed at stays until it taps elsewhere. */
document.addEventListener('pointerup', ({ target, pointerType }) => {
  if (pointerType === 'touch' && !target.closest('curve-plot')) point({ step: null, plot: null })
})
