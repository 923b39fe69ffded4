// The way to the editor of the reader's own tasks, which is loaded when it is first opened.
import { html, nothing } from 'lit'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

const key = 'own-tasks' // among the open parts of the page
let begun = false // what is drawn there stays while it is closed

/** @param {Lab} lab */
export const ownTasksButton = (lab) => html`<button type="button" class="small own-button"
  aria-expanded=${lab.opened.has(key) ? 'true' : 'false'} @click=${async () => {
    await import('../more.js')
    lab.setOpened(key, !lab.opened.has(key))
  }}>${strings.ownOpen}</button>`

/** @param {Lab} lab */
export function ownTasks(lab) {
  const open = lab.opened.has(key)
  begun ||= open
  return begun ? html`<own-tasks .lab=${lab} .described=${lab.state.described} .open=${open} ?hidden=${!open}></own-tasks>` : nothing
}
