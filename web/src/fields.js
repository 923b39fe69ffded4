// Controls made from the catalogue alone: one field for one parameter.
import { html, nothing } from 'lit'
import { formatParameter, formatValue, titled } from './format.js'
import { View } from './plots/plot.js'
import { fromPosition, toPosition } from './scales.js'
import { strings } from './strings.js'

let fields = 0

/** A large number in so few digits that a field has room for it. */
const written = (value) => (Math.abs(value) >= 1e6 ? value.toExponential().replace('+', '') : String(value ?? ''))

const mostLinear = 10_000 // values on a slider, beyond which it cannot be aimed

const hasSlider = ({ minimum, maximum, scale, type }) =>
  Number.isFinite(minimum) && Number.isFinite(maximum) &&
  (scale === 'log' || type === 'number' || maximum - minimum <= mostLinear)

/** Dispatches `set` with {value, settled}: settled is false while a slider is still moving. */
export class ParameterField extends View {
  static properties = {
    parameter: { attribute: false },
    value: { attribute: false },
    inherited: { type: Boolean },
    brief: { type: Boolean }, // by its symbol, in one line
    sliding: { state: true }, // the value under a moving slider
    fault: { state: true }, // what is wrong with what was typed
    explained: { state: true },
  }

  #id = `field-${++fields}`

  willUpdate(changed) {
    if (changed.has('value')) this.fault = undefined
  }

  #set(value, settled = true) {
    this.dispatchEvent(new CustomEvent('set', { detail: { value, settled } }))
  }

  #setNumber(input) {
    const { parameter } = this
    const value = input.valueAsNumber
    const empty = input.value === '' && !input.validity.badInput
    if (empty && parameter.default === null) return this.#set(null)
    if (!Number.isFinite(value) && !(empty && parameter.zero)) return (input.value = this.#written(this.value))
    if (!this.#isRight([value || 0])) return
    this.#set(value || 0)
    if (!value) input.value = this.#written(0)
  }

  /** In the place of a 0 that means something else, the field shows that word. */
  #written(value) {
    return value === 0 && this.parameter.zero ? '' : written(value)
  }

  #setIntegers(input) {
    const parts = input.value.split(/[\s,;×x]+/).filter(Boolean)
    if (!parts.every((part) => /^\d+$/.test(part))) return (this.fault = strings.integersHint)
    if (this.#isRight(parts.map(Number))) this.#set(parts.map(Number))
  }

  /** Else the field says so, and nothing changes. */
  #isRight(values) {
    const { minimum, maximum, type } = this.parameter
    const isWrong = values.some((value) => value < minimum || value > maximum || (type === 'integer' && !Number.isInteger(value)))
    this.fault = isWrong ? strings.wrongValue(...[minimum, maximum].map(formatValue), type !== 'number', formatParameter(this.parameter, this.value ?? strings.none)) : undefined
    return !isWrong
  }

  #slide(input, settled) {
    const value = fromPosition(input.valueAsNumber / 1000, this.parameter)
    this.sliding = settled ? undefined : value
    this.#set(value, settled)
  }

  #number() {
    const { parameter } = this
    const value = this.sliding ?? this.value
    const { minimum, maximum, label } = parameter
    const ranged = value !== null && hasSlider(parameter)
    const position = ranged ? Math.round(1000 * toPosition(value ?? minimum, parameter)) : 0
    return html`
      ${ranged ? html`<input type="range" min="0" max="1000" step="1" aria-label=${label}
        aria-valuetext=${formatParameter(parameter, value)} .value=${String(position)}
        @input=${(event) => this.#slide(event.target, false)}
        @change=${(event) => this.#slide(event.target, true)}>` : nothing}
      <input type="number" id=${this.#id} step=${parameter.type === 'integer' ? 1 : 'any'}
        min=${minimum ?? nothing} max=${maximum ?? nothing} .value=${this.#written(value)} placeholder=${parameter.zero || strings.none}
        aria-invalid=${this.#wrong} aria-describedby=${this.#reason}
        @change=${(event) => this.#setNumber(event.target)}>`
  }

  get #wrong() {
    return this.fault ? 'true' : nothing
  }

  get #reason() {
    return this.fault ? `${this.#id}-fault` : nothing
  }

  #control() {
    const { parameter, value } = this
    switch (parameter.type) {
      case 'boolean':
        return html`<input type="checkbox" id=${this.#id} .checked=${Boolean(value)}
          @change=${(event) => this.#set(event.target.checked)}>`
      case 'choice':
        return html`<select id=${this.#id} @change=${(event) => this.#set(event.target.value)}>
          ${parameter.choices.map((choice) => html`<option value=${choice.value}
            ?selected=${choice.value === value}>${choice.label}</option>`)}</select>`
      case 'integers':
        return html`<input type="text" id=${this.#id} inputmode="numeric" .value=${(value ?? []).join(', ')}
          placeholder=${strings.integersHint} aria-invalid=${this.#wrong} aria-describedby=${this.#reason} @change=${(event) => this.#setIntegers(event.target)}>`
      default:
        return this.#number()
    }
  }

  #help() {
    const { help, choices } = this.parameter
    return [help, ...(choices ?? []).map((choice) => choice.help && `${choice.label}: ${choice.help}`)]
      .filter(Boolean).join('\n')
  }

  render() {
    const { parameter } = this
    const { label, symbol, type } = parameter
    const control = html`<span class="control">${this.#control()}</span>`
    return html`<div class="field ${type} ${this.inherited ? 'inherited' : ''} ${this.brief ? 'brief' : ''}">
      <label for=${this.#id}><span class=${this.brief && symbol ? 'hidden' : nothing}>${titled(label)}</span>${symbol ? html` <i>${symbol}</i>` : nothing}</label>
      ${this.brief ? control : nothing}
      <button type="button" class="help" aria-label=${strings.help(label)} aria-expanded=${this.explained ? 'true' : 'false'}
        @click=${() => (this.explained = !this.explained)}></button>
      ${this.explained ? html`<p class="about">${this.#help()}</p>` : nothing}
      ${this.brief ? nothing : control}
      ${this.fault ? html`<p class="note bad" role="alert" id="${this.#id}-fault">${this.fault}</p>` : nothing}
    </div>`
  }
}

customElements.define('parameter-field', ParameterField)
