// What can be taken along: the link, files, pictures.
import { html } from 'lit'
import { namesOf } from '../experiment.js'
import { titled } from '../format.js'
import { presetNamed } from '../presets.js'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

/** Every plot on the page, by the first sentence of its description. @returns {[string, SVGSVGElement][]} */
const plots = () => [...document.querySelectorAll('main svg[role="img"]')]
  .map((plot) => [plot.getAttribute('aria-label').split(/\. /)[0], plot])

export const linkOf = (lab) => location.href.split('#')[0] + lab.state.fragment

async function copyLink({ target: button }) {
  const field = document.getElementById('link')
  field.select()
  try {
    await navigator.clipboard.writeText(field.value)
    button.textContent = strings.copied
  } catch {
    button.textContent = strings.copyByHand
  }
  setTimeout(() => (button.textContent = strings.copy), 2500)
}

async function take(lab, what) {
  const { described, catalogue, preset } = lab.state
  const picture = what === 'svg' || what === 'png'
  const chosen = document.getElementById('picture').value
  const said = document.getElementById('taken')
  try {
    const takeaway = await import('../takeaway/takeaway.js')
    const name = await takeaway.take(what, {
      lab,
      names: namesOf(described.experiment, catalogue).map(({ name }) => titled(name)),
      title: presetNamed(preset)?.title ?? strings.ownExperiment,
      link: linkOf(lab),
      missing: strings.notInScript,
      ...(picture ? { plot: plots().find(([name]) => name === chosen)?.[1], plotTitle: chosen } : {}),
    })
    said.textContent = strings.taken(name)
  } catch (error) {
    said.textContent = strings.notTaken(error.message)
  }
}

const row = (label, content) => html`<div role="group" aria-label=${label}><h3>${label}</h3><span>${content}</span></div>`

/** @param {Lab} lab */
export function share(lab) {
  const button = (what) => html`<button type="button" @click=${() => take(lab, what)}>${strings.take[what]}</button>`
  const again = ({ target }) => target.closest('palimpsest-app').requestUpdate()
  return html`<section class="share wide" aria-labelledby="share-title">
    <h2 id="share-title">${strings.share}</h2>
    <p>${strings.shareNote}</p>
    <div class="link"><label class="hidden" for="link">${strings.link}</label>
      <input id="link" type="text" readonly .value=${linkOf(lab)}>
      <button type="button" @click=${copyLink}>${strings.copy}</button></div>
    <div class="takings">
      ${row(strings.takeExperiment, [button('document'), button('script')])}
      ${row(strings.takeNumbers, [button('curves'), button('matrix'), button('result')])}
      ${row(strings.takePlot, html`<select id="picture" aria-label=${strings.plotChoice} @focus=${again}>
          ${plots().map(([name]) => html`<option>${name}</option>`)}</select>
        ${button('svg')}${button('png')}`)}
    </div>
    <p id="taken" role="status"></p>
  </section>`
}
