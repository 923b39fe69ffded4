// The chapters and what to look at in the one that is open.
import { html } from 'lit'
import { math } from '../mathml.js'
import { presetNamed, presets } from '../presets.js'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

/** @param {Lab} lab */
export function chapters(lab) {
  return html`<nav class="chapters wide" aria-label=${strings.chapters}><ul>
    ${presets.map(({ name, title }) => html`<li><button type="button"
      aria-current=${lab.state.preset === name ? 'true' : 'false'}
      @click=${() => lab.choosePreset(name)}>${title}</button></li>`)}
    ${lab.state.preset ? '' : html`<li><span class="own-chapter" aria-current="true">${strings.ownExperiment}</span></li>`}
  </ul></nav>`
}

/** @param {Lab} lab */
export function story(lab) {
  const preset = presetNamed(lab.state.preset)
  return html`<p class="story"><span>${preset ? preset.story : strings.ownStory}</span></p>`
}

/** @param {Lab} lab */
export function formula(lab) {
  const preset = presetNamed(lab.state.preset)
  if (!preset) return ''
  return html`<section class="formula" aria-labelledby="formula-title">
    <h2 id="formula-title">${strings.formula}</h2>
    <div class="equation">${math(preset.formula, true)}</div>
    <dl class="symbols">${preset.symbols.map(([symbol, meaning]) => html`
      <div><dt>${math(symbol)}</dt><dd>${meaning}</dd></div>`)}</dl>
  </section>`
}
