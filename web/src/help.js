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
  tip.addEventListener('pointerleave', hide)
  document.body.append(tip)
  document.addEventListener('keydown', (event) => event.key === 'Escape' && hide())
  document.addEventListener('scroll', follow, { passive: true, capture: true })
  return tip
}

function show({ currentTarget: button }) {
  const element = theTip()
  element.textContent = button.dataset.help
  element.hidden = false
  button.setAttribute('aria-describedby', 'tip')
  put(element, button)
}

/** Scrolling hides it, unless the keyboard is on its button. */
function follow() {
  const button = document.activeElement
  if (tip.hidden || !button?.matches('.help')) return hide()
  put(tip, button)
}

function put(element, button) {
  const at = button.getBoundingClientRect()
  const { width, height } = element.getBoundingClientRect()
  const left = Math.max(8, Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - 8))
  const top = at.bottom + height + 8 < innerHeight ? at.bottom + 2 : Math.max(4, at.top - height - 2)
  place.replaceSync(`#tip { left: ${left}px; top: ${top}px }`)
}

function hide(event) {
  if (event?.relatedTarget === tip && tip) return
  if (tip) tip.hidden = true
}

/** @param {string} label of what it explains @param {string} text */
export const helpButton = (label, text) => html`<button type="button" class="help" data-help=${text}
  aria-label=${strings.help(label)} @pointerenter=${show} @focus=${show} @click=${show}
  @pointerleave=${hide} @blur=${hide}></button>`
