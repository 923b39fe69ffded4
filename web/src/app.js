// The page: what there is, from top to bottom.
import { html, nothing } from 'lit'
import { namesOf } from './experiment.js'
import { formatCount } from './format.js'
import { dress } from './marks.js'
import { View } from './plots/plot.js'
import './plots/curve-plot.js'
import { strings } from './strings.js'
import { curves } from './views/curves.js'
import { digits } from './views/digits.js'
import { experimentPanel } from './views/experiment.js'
import { inside } from './views/inside.js'
import { learners } from './views/learners.js'
import { ownTasks } from './views/own.js'
import { share } from './views/share.js'
import { chapters, formula, story } from './views/story.js'
import { numbers } from './views/tables.js'
import { studies } from './views/studies.js'
import { transport } from './views/transport.js'

/** @import { Lab } from './lab.js' */

/** What was written before and scraped away. */
const underwriting = html`<svg class="underwriting" viewBox="0 0 300 60" preserveAspectRatio="none"
  aria-hidden="true"><path d="M2,34c16,-40 34,-40 50,0s34,40 50,0s34,-40 50,0s34,40 50,0s34,-40 50,0s30,36 46,6" /></svg>`

const masthead = ({ opened }) => html`<header class="masthead wide">
  <h1>${underwriting}${strings.title}</h1>
  <p class="lead">${strings.lead}</p>
  <p class="intro ${opened.has('story') ? 'whole' : ''}">${strings.intro}</p>
</header>`

function notices(lab) {
  const { notices, refused } = lab.state
  const faults = (items) => html`<ul>${items.map((item) => html`<li>${strings.fault(item)}</li>`)}</ul>`
  return html`<div class="notices wide">
    ${notices.map(({ title, items }, index) => html`<div class="notice" role="alert">
      <p><strong>${title}</strong></p>${faults(items)}
      <button type="button" @click=${() => lab.dismiss(index)}>${strings.dismiss}</button></div>`)}
    ${refused.length ? html`<div class="notice" role="alert">
      <p><strong>${strings.refused}</strong></p>${faults(refused)}</div>` : nothing}
  </div>`
}

function results(lab) {
  const { described, snapshot, catalogue } = lab.state
  return html`<section class="results" aria-labelledby="numbers-title">
    <h2 id="numbers-title">${strings.numbers}</h2>
    ${numbers(lab, namesOf(described.experiment, catalogue))}
    <p class="digest">${strings.runDigest} <code>${snapshot.digest ?? strings.none}</code>
      <span>${strings.seedAndSize(described.experiment.seed, formatCount(described.parameters))}</span></p>
  </section>`
}

/** The same experiment in the other language. */
function otherLanguage(lab) {
  const [code, name] = strings.otherLanguage
  return html`<p><a href=${`?lang=${code}${lab.state.fragment || location.hash}`} lang=${code}>${name}</a></p>`
}

class PalimpsestApp extends View {
  static properties = { lab: { attribute: false } }

  #chapter
  #described
  #focused
  #card // that it is in

  willUpdate(changed) {
    if (changed.has('lab')) this.lab.addEventListener('change', () => this.requestUpdate())
    const { described } = this.lab?.state ?? {}
    if (described && described !== this.#described) dress(described)
    this.#described = described
    this.#focused = document.activeElement
    this.#card = this.#focused?.closest('.card')
  }

  updated() {
    // What is drawn anew takes no focus away from a card.
    if (this.#card && !this.#focused.isConnected) this.#card.querySelector('summary')?.focus({ preventScroll: true })
    this.#showChapter()
  }

  /** On a narrow page the row of chapters scrolls: its current one is brought into view. */
  #showChapter() {
    const { preset } = this.lab?.state ?? {}
    if (preset === this.#chapter) return
    this.#chapter = preset
    const current = this.querySelector('.chapters [aria-current="true"]')
    const row = this.querySelector('.chapters > div')
    if (current) row.scrollLeft += current.getBoundingClientRect().left - row.getBoundingClientRect().left - row.clientWidth / 3
  }

  render() {
    const { lab } = this
    if (!lab) return nothing
    const { described, snapshot, catalogue, pack } = lab.state
    const ready = described && snapshot && catalogue && !pack
    return html`<main>
      ${masthead(lab)}
      ${notices(lab)}
      ${chapters(lab)}
      ${story(lab)}
      ${ready ? html`${transport(lab)}
        <div class="figure wide">${ownTasks(lab)}${learners(lab)}${curves(lab)}</div>${inside(lab)}
        <div class="beside wide">${results(lab)}${formula(lab)}</div>${digits(lab, 'published', namesOf(described.experiment, catalogue))}
        ${studies(lab)}${experimentPanel(lab)}${share(lab)}`
        : pack ? digits(lab, 'packPanel') : html`<p class="loading" role="status">${strings.loading}</p>`}
    </main>
    <footer class="wide"><p>${strings.footer}</p> ${otherLanguage(lab)}</footer>`
  }
}

customElements.define('palimpsest-app', PalimpsestApp)
