// <palimpsest-figure>: an experiment as a figure in anybody's page, in a frame that may run scripts
// and nothing else. Beside the page as embed.js; EMBED.md says how it is used.
import { figureStrings as english } from '../strings.js'
import { figureStrings as chinese } from '../strings.zh.js'

const page = new URL('palimpsest.html', document.currentScript?.src || document.baseURI)
const nearMargin = '300px 0px' // around the window: what comes that near is begun
const [lowest, highest] = [40, 20_000] // px
const usualHeight = 600 // px, until the frame tells its own
const patienceMs = 20_000 // with a frame that does not answer

const style = new CSSStyleSheet() // works where a policy forbids style elements
style.replaceSync(`
:host { display: block; position: relative }
iframe { display: block; width: 100%; border: 0 }
iframe.waiting { position: absolute; top: 0; opacity: 0; pointer-events: none }
slot { display: block }
.started > slot, p:empty { display: none }
p { margin: 4px 0; font: 13px/1.4 sans-serif }
@media print { .pictured > iframe { display: none } .pictured > slot { display: block } }
`)

/** What stands behind the # of a link, or a link's own fragment. */
const fragmentOf = (text) => text.slice(text.indexOf('#') + 1).split('&')[0]

class PalimpsestFigure extends HTMLElement {
  #box = document.createElement('div')
  #frame = document.createElement('iframe')
  #reason = document.createElement('p')
  #near = false
  #observer
  #timer
  #hear = ({ source, data }) => {
    if (source === this.#frame.contentWindow && source && data && typeof data === 'object') this.#heard(data)
  }

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = [style]
    this.#box.append(document.createElement('slot'), this.#reason)
    root.append(this.#box)
    this.#frame.setAttribute('sandbox', 'allow-scripts')
    this.#frame.referrerPolicy = 'no-referrer'
    this.#frame.className = 'waiting'
  }

  get #height() {
    const height = Number(this.getAttribute('height'))
    return `${height >= lowest && height <= highest ? height : usualHeight}px`
  }

  connectedCallback() {
    if (!this.#pictured) this.#box.style.minHeight = this.#height
    addEventListener('message', this.#hear)
    this.#observer = new IntersectionObserver((changes) => this.#look(changes.at(-1).isIntersecting), { rootMargin: nearMargin })
    this.#observer.observe(this)
  }

  disconnectedCallback() {
    removeEventListener('message', this.#hear)
    this.#observer.disconnect()
    clearTimeout(this.#timer)
    this.#frame.remove() // ends what it trains
    this.#rest()
  }

  /** That of the page around it. */
  get #language() {
    return this.closest('[lang]')?.lang ?? ''
  }

  get #strings() {
    return /^zh\b/i.test(this.#language) ? chinese : english
  }

  get #pictured() {
    return this.querySelector('img, svg, picture') !== null
  }

  /** Where the figure comes from; throws where that is no address of a page. */
  get #address() {
    const address = new URL(this.getAttribute('src') ?? page, document.baseURI)
    if (!/^(https?|file):$/.test(address.protocol)) throw new Error(this.#strings.badAddress)
    const experiment = this.getAttribute('experiment') ?? ''
    const preset = this.getAttribute('preset')
    const named = preset ? `preset=${encodeURIComponent(preset)}` : fragmentOf(address.hash)
    const show = this.getAttribute('show')?.replace(/[^\w]+/g, ',').replace(/^,|,$/g, '')
    const language = this.#language.replace(/[^\w-]/g, '')
    address.hash = `${experiment ? fragmentOf(experiment) : named}&embed${show == null ? '' : `=${show}`}${language && `&lang=${language}`}`
    return address.href
  }

  #look(near) {
    this.#near = near
    if (this.#frame.isConnected) return this.#tell()
    if (!near) return
    try {
      this.#frame.title = this.getAttribute('label') ?? this.#strings.figure
      this.#frame.style.height = this.#height
      this.#frame.src = this.#address
      this.#box.append(this.#frame)
      this.#timer = setTimeout(() => this.#fail(this.#strings.noAnswer), patienceMs)
    } catch (error) {
      this.#fail(error.message)
    }
  }

  #tell() {
    this.#frame.contentWindow.postMessage({ palimpsest: 'near', near: this.#near }, '*')
  }

  #rest() {
    this.#box.className = ''
    this.#frame.className = 'waiting'
  }

  #fail(reason) {
    clearTimeout(this.#timer)
    this.#rest()
    this.#reason.textContent = this.#strings.figureFailed(reason)
  }

  #heard({ palimpsest: what, height, reason }) {
    if (what === 'ready') {
      clearTimeout(this.#timer)
      this.#tell()
    } else if (what === 'height' && Number.isFinite(height) && height >= lowest && height <= highest) {
      this.#frame.style.height = `${Math.ceil(height)}px`
    } else if (what === 'started') {
      this.#reason.textContent = ''
      this.#frame.className = ''
      this.#box.style.minHeight = ''
      this.#box.className = this.#pictured ? 'started pictured' : 'started'
    } else if (what === 'failed' && typeof reason === 'string') {
      this.#fail(reason.slice(0, 300))
    }
  }
}

if (!customElements.get('palimpsest-figure')) customElements.define('palimpsest-figure', PalimpsestFigure)
