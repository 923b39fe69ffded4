// The place of the inside on the page: closed, until somebody wants to look.
import { html, nothing } from 'lit'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

function toggled(lab, open) {
  if (open) import('../more.js')
  lab.setOpened('inside', open)
}

/** @param {Lab} lab */
export const inside = (lab) => html`<details class="inside wide" ?open=${lab.opened.has('inside')}
  @toggle=${(event) => toggled(lab, event.target.open)}>
  <summary><h2>${strings.inside}</h2><span>${strings.insideNote}</span></summary>
  ${lab.opened.has('inside') ? html`<inside-panel .lab=${lab} .state=${lab.state}></inside-panel>` : nothing}
</details>`
