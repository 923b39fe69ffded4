// Help on demand: a small button whose text shows on hover and on focus, and hides on Escape.
import { html } from 'lit'
import { strings } from './strings.js'

const place = new CSSStyleSheet() // the policy forbids style attributes
let tip = null

function theTip() {
  if (tip) return tip
  document.adoptedStyleSheets.push(place)
  tip = document.createElement('div')
  tip.id = 'tip'
  tip.role = 'tooltip'
  tip.hidden = true
  tip.addEventListener('pointerleave', hideTip)
  document.body.append(tip)
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hideTip())
  document.addEventListener('scroll', follow, { passive: true, capture: true })
  return tip
}

/** For an element that has data-help, or one around such elements: over one, or on its focus. */
export function showTip({ target }) {
  const button = target.closest('[data-help]')
  if (!button) return
  const element = theTip()
  const { help } = button.dataset
  element.textContent = help
  element.hidden = false
  if (button.ariaLabel !== help) button.setAttribute('aria-describedby', 'tip')
  put(element, button)
}

/** Scrolling hides it, unless the keyboard is on its button. */
function follow() {
  const button = document.activeElement
  if (tip.hidden || !button?.matches('[data-help]')) return hideTip()
  put(tip, button)
}

function put(element, button) {
  const at = button.getBoundingClientRect()
  const { width, height } = element.getBoundingClientRect()
  const left = Math.max(8, Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - 8))
  const top = at.bottom + height + 8 < innerHeight ? at.bottom + 2 : Math.max(4, at.top - height - 2)
  const scale = element.offsetWidth / width // the page is enlarged on large screens
  place.replaceSync(`#tip { left: ${left * scale}px; top: ${top * scale}px }`)
}

export function hideTip(event) {
  if (event?.relatedTarget === tip && tip) return
  if (tip) tip.hidden = true
}

/** @param {string} label of what it explains @param {string} text */
export const helpButton = (label, text) => html`<button type="button" class="help" data-help=${text}
  aria-label=${strings.help(label)} @pointerenter=${showTip} @focus=${showTip} @click=${showTip}
  @pointerleave=${hideTip} @blur=${hideTip}></button>`
