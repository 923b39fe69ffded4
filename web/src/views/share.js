// What can be taken along: the link, files, pictures.
import { html, render } from 'lit'
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

const titleOf = ({ preset }) => presetNamed(preset)?.title ?? strings.ownExperiment

async function take(lab, what) {
  const { described, catalogue } = lab.state
  const picture = what === 'svg' || what === 'png'
  const chosen = document.getElementById('picture').value
  const said = document.getElementById('taken')
  try {
    const takeaway = await import('../takeaway/takeaway.js')
    const name = await takeaway.take(what, {
      lab,
      names: namesOf(described.experiment, catalogue).map(({ name }) => titled(name)),
      title: titleOf(lab.state),
      link: linkOf(lab),
      plots: plots(),
      missing: strings.notInScript,
      ...(picture ? { plot: plots().find(([name]) => name === chosen)[1], plotTitle: chosen } : {}),
    })
    said.textContent = strings.taken(name)
  } catch (error) {
    said.textContent = strings.notTaken(error.message)
  }
}

/** The link by name, where it is exactly a preset. */
function shortFragment({ preset, experiment, fragment }) {
  const same = JSON.stringify(presetNamed(preset)?.experiment) === JSON.stringify(experiment)
  return same ? `#preset=${preset}` : fragment
}

async function openEmbed(lab) {
  const [{ openEmbedDialog }, { nameOf }] = await Promise.all([import('../embed/embedding.js'), import('../takeaway/takeaway.js')])
  const title = titleOf(lab.state)
  const oneFile = !document.querySelector('script[src]')
  const [here] = location.href.split('#')
  openEmbedDialog({
    title,
    fragment: shortFragment(lab.state),
    base: /^http/.test(here) ? new URL('.', here).href : '',
    preview: oneFile ? here : new URL('palimpsest.html', here).href,
    picture: nameOf({ title }, 'svg'),
    finished: lab.state.snapshot.finished,
    save: () => take(lab, 'figure'),
  }, { html, render, strings })
}

const row = (label, content) => html`<div role="group" aria-label=${label}><h3>${label}</h3><span>${content}</span></div>`

/** @param {Lab} lab */
export function share(lab) {
  const button = (what) => html`<button type="button" @click=${() => take(lab, what)}>${strings.take[what]}</button>`
  const again = ({ target }) => target.closest('palimpsest-app').requestUpdate()
  return html`<section class="share wide" aria-labelledby="share-title">
    <h2 id="share-title">${strings.share}</h2>
    <p>${strings.shareNote}</p>
    <p class="printed">${linkOf(lab)}</p>
    <div class="link"><label class="hidden" for="link">${strings.link}</label>
      <input id="link" type="text" readonly .value=${linkOf(lab)}>
      <button type="button" @click=${copyLink}>${strings.copy}</button></div>
    <div class="takings">
      ${row(strings.takeExperiment, [button('document'), button('script')])}
      ${row(strings.takeNumbers, [button('curves'), button('matrix'), button('result')])}
      ${row(strings.takePlot, html`<select id="picture" aria-label=${strings.plotChoice} @focus=${again}>
          ${plots().map(([name]) => html`<option>${name}</option>`)}</select>
        ${button('svg')}${button('png')}`)}
      ${row(strings.takePage, html`<button type="button" @click=${() => openEmbed(lab)}>${strings.embed}</button>`)}
    </div>
    <p id="taken" role="status"></p>
  </section>`
}
