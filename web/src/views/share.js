// What can be taken along: the link, files, pictures, a figure for another page.
import { html } from 'lit'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

/** Every plot on the page, by the first sentence of its description. @returns {[string, SVGSVGElement][]} */
export const plotsOf = (page) => [...page.querySelectorAll('main svg[role="img"]')]
  .map((plot) => [plot.getAttribute('aria-label').split(/\. /)[0], plot])

export const linkOf = (lab) => location.href.split('#')[0] + lab.state.fragment

export async function copy(field, button) {
  button.dataset.name ??= button.textContent
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
    button.textContent = strings.copied
  } catch {
    button.textContent = strings.copyByHand
  }
  setTimeout(() => (button.textContent = button.dataset.name), 2500)
}

const row = (label, content) => html`<div role="group" aria-label=${label}><h3>${label}</h3><span>${content}</span></div>`

/** @param {Lab} lab */
export function share(lab) {
  const button = (what) => html`<button type="button"
    @click=${async () => (await import('../more.js')).take(lab, what)}>${strings.take[what]}</button>`
  const again = ({ target }) => target.closest('palimpsest-app').requestUpdate()
  return html`<section class="share wide" aria-labelledby="share-title">
    <h2 id="share-title">${strings.share}</h2>
    <p>${strings.shareNote}</p>
    <p class="printed">${linkOf(lab)}</p>
    <div class="link"><label class="hidden" for="link">${strings.link}</label>
      <input id="link" type="text" readonly .value=${linkOf(lab)}>
      <button type="button" @click=${({ target }) => copy(target.previousElementSibling, target)}>${strings.copy}</button></div>
    <div class="takings">
      ${row(strings.takeExperiment, [button('document'), lab.state.described.image_side ? '' : button('script')])}
      ${row(strings.takeNumbers, [button('curves'), button('matrix'), button('result')])}
      ${row(strings.takePlot, html`<select id="picture" aria-label=${strings.plotChoice} @focus=${again}>
          ${plotsOf(document).map(([name]) => html`<option>${name}</option>`)}</select>
        ${button('svg')}${button('png')}`)}
      ${row(strings.takePage, button('embed'))}
    </div>
    <p id="taken" role="status"></p>
  </section>`
}
