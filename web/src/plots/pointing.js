// What the reader points at, for all plots of curves together: a step, which each of them marks, and a
// method, which is raised in them and marked on its card and in its row of the numbers.

/** The plots that are on the page, each to be drawn again. @type {Set<{requestUpdate: () => void}>} */
export const plots = new Set()

/** step: where it was pointed, which need not be a recorded one; plot: in which; method: its class. */
export const pointed = { step: null, plot: null, method: '' }

const sheet = new CSSStyleSheet()
document.adoptedStyleSheets.push(sheet)

/** In CSS alone, so that no view needs to know of it. */
const raised = (method) => `@media screen {
curve-plot :is(path, circle, .tag)[class*="method-"]:not(.${method}, .key *) { opacity: 0.2 }
curve-plot .band[class*="method-"]:not(.${method}) { opacity: 0.03 }
.readout p[class]:not(.${method}) { color: var(--soft) }
.card.${method} { box-shadow: -4px 0 var(--paper), -7px 0 var(--own) }
.numbers .${method}.${method} > * { background: var(--hairline) } }`

/** @param {Partial<typeof pointed>} change */
export function point(change) {
  if (Object.entries(change).every(([key, value]) => pointed[key] === value)) return
  Object.assign(pointed, change)
  if ('method' in change) sheet.replaceSync(pointed.method && raised(pointed.method))
  for (const plot of plots) plot.requestUpdate()
}

const methodOf = (element) => /method-\d+/.exec(
  element?.closest?.('.card, .numbers tr, curve-plot [class*="method-"]')?.getAttribute('class'))?.[0] ?? ''

let over = '' // the method under the pointer, before that which has the focus

/** @param {string} [method]  that is pointed at from now on, or '' */
export function raise(method = over) {
  over = method
  point({ method: over || methodOf(document.querySelector(':focus-visible')) })
}

/** A mouse points by being there; a finger by a tap, as long as there is no other. */
function look({ type, target, relatedTarget, pointerType }) {
  const byFinger = pointerType === 'touch'
  if (byFinger !== (type === 'pointerup')) return
  raise(methodOf(type === 'pointerout' ? relatedTarget : target))
  if (byFinger && !target.closest('curve-plot')) point({ step: null, plot: null })
}

for (const type of ['pointerover', 'pointerout', 'pointerup']) document.addEventListener(type, look)
for (const type of ['focusin', 'focusout']) document.addEventListener(type, () => raise())
