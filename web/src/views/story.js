// The chapters and what to look at in the one that is open.
import { html } from 'lit'
import { math } from '../mathml.js'
import { presetNamed, presets } from '../presets.js'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

/** @param {Lab} lab */
export function chapters(lab) {
  const { preset } = lab.state
  const chapter = ({ name, title }, at) => html`<li><button type="button" aria-current=${preset === name ? 'true' : 'false'}
    @click=${() => lab.choosePreset(name)}><span aria-hidden="true">${at + 1}</span> ${title}</button></li>`
  return html`<nav class="chapters wide" aria-label=${strings.chapters}><div>
    ${Object.entries(strings.chapterGroups).map(([key, group]) => html`<div class="group"><span>${group}</span><ul aria-label=${group}>
      ${presets.map((preset, at) => (preset.group === key ? chapter(preset, at) : ''))}</ul></div>`)}
    ${preset ? '' : html`<div class="group"><span class="own-chapter" aria-current="true">${strings.ownExperiment}</span></div>`}
  </div></nav>`
}

/** @param {Lab} lab */
export function story(lab) {
  const { preset, changed } = lab.state
  const chapter = presetNamed(preset)
  const next = chapter && presets[presets.indexOf(chapter) + 1]
  const link = (text, action) => html`<button type="button" class="in-text" @click=${action}>${text}</button>`
  return html`<div class="story ${lab.opened.has('story') ? 'whole' : ''} ${chapter && changed ? 'changed' : ''}"><p>${chapter ? chapter.story : strings.ownStory}</p>
    <p class="turns"><span class="read-on">${link(strings.readOn, () => lab.setOpened('story', true))}</span>
      ${chapter && changed ? html`<span>${strings.changed}</span> ${link(strings.backToChapter, () => lab.choosePreset(preset))}` : ''}
      ${next ? link(strings.next(next.title), () => lab.choosePreset(next.name)) : ''}</p></div>`
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
