// A group of fields for the parameters of one catalogue entry.
import { html } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { applies, valueOf } from '../experiment.js'
import '../fields.js'

/**
 * @param {object} group
 * @param {object[]} group.parameters  of the catalogue
 * @param {object} group.object  that holds their values
 * @param {(key: string, value: any, parameter: object) => void} group.set
 * @param {(parameter: object) => boolean} [group.inherited]
 */
export function parameterFields({ parameters, object, set, inherited = () => false }) {
  const shown = parameters.filter((parameter) => applies(parameter, object, parameters))
  const change = (parameter) => ({ detail }) => {
    if (detail.settled || parameter.live) set(parameter.key, detail.value, parameter)
  }
  return html`<div class="fields">${repeat(shown, ({ key }) => key, (parameter) => html`
    <parameter-field .parameter=${parameter} .value=${valueOf(object, parameter)}
      ?inherited=${inherited(parameter)} @set=${change(parameter)}></parameter-field>`)}</div>`
}
