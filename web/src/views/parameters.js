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
 * @param {object} [group.except]  the parameter that is shown elsewhere
 * @param {boolean} [group.brief]  in one line each
 */
export function parameterFields({ parameters, object, set, inherited = () => false, except, brief = false }) {
  const shown = parameters.filter((parameter) => parameter !== except && applies(parameter, object, parameters))
  const change = (parameter) => ({ detail }) => {
    if (detail.settled || parameter.live) set(parameter.key, detail.value, parameter)
  }
  return html`<div class="fields">${repeat(shown, ({ key }) => key, (parameter) => html`
    <parameter-field .parameter=${parameter} .value=${valueOf(object, parameter)}
      ?inherited=${inherited(parameter)} ?brief=${brief} @set=${change(parameter)}></parameter-field>`)}</div>`
}
