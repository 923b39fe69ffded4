// What is made of whole runs: each loaded when it is first opened.
import { html, nothing } from 'lit'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

/** @param {Lab} lab */
export function studies(lab) {
  const { opened, studies } = lab.state
  return Object.entries(strings.studies).map(([key, { title, note }]) => html`<details class="experiment wide"
    ?open=${opened.has(key)} @toggle=${(event) => lab.setOpened(key, event.target.open)}>
    <summary><h2>${title}</h2><span>${note}</span></summary>
    ${opened.has(key) && studies ? studies[key](lab) : nothing}</details>`)
}
