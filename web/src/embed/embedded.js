// The page as a figure in another page, "#…&embed": only what the link asks for, trained while it is
// seen. It tells its host its height, and hears from it alone whether it is near.
import '../common.js'
import { render } from 'lit'
import { keptRunIn } from './kept-run.js'
import { strings } from '../strings.js'
import { askedFor, parts } from './parts.js'

/** @import { Lab } from '../lab.js' */

const sheet = `
html, body { overflow: hidden }
body { display: flow-root; min-height: 1px }
.loading { padding: 8px }
:root { --gutter: 8px }
h1 { position: absolute; clip-path: inset(50%) }
.masthead > :not(h1), .chapters, .turns, footer { display: none }
.masthead { padding: 0 }
.transport { position: static }
.section-head { margin-top: 4px }
.fits + .curves { margin-top: 18px }
.kept { padding: 4px }
.kept h2 { font: 600 15px/1.3 var(--sans) }
.kept svg { max-width: 100%; height: auto }
@media screen { .started .kept { height: 0; padding: 0; overflow: hidden; visibility: hidden } }
@media print { .kept ~ palimpsest-app { display: none } }
`
const engines = 2 // of the machine's, for one figure of many

const reasonOf = ({ described, notices }) =>
  !described && notices.length ? [notices[0].title, ...notices[0].items.map(strings.fault)].join('. ') : ''

/** The finished run that the address brings along, for as long as there is none of its own, and in print. */
async function showKept() {
  const kept = await keptRunIn(location.hash)
  if (!kept) return
  const place = document.createElement('section')
  place.className = 'kept'
  place.setAttribute('aria-labelledby', 'kept-run')
  render(kept, place)
  document.body.prepend(place)
  for (const plot of place.querySelectorAll('curve-plot')) { // at once: a frame out of sight gets no animation frames
    plot.width = plot.clientWidth
    plot.performUpdate()
  }
}

/** @param {(engines: number) => Lab} begin  starts the page */
export function embed(begin) {
  const shown = askedFor(location.hash)
  const style = new CSSStyleSheet()
  const hidden = Object.keys(parts).filter((name) => !shown.includes(name)).map((name) => parts[name])
  style.replaceSync(`${sheet} ${hidden.join(', ') || 'footer'} { display: none }`)
  document.adoptedStyleSheets.push(style)

  showKept().catch(() => {}) // without it there is the run itself
  let lab = null
  let inView = false
  let near = null // as the host says, where it says so
  const said = new Set()
  const tell = (what, more) => parent.postMessage({ palimpsest: what, ...more }, '*')
  const tellOnce = (what, more) => {
    if (!said.has(what)) tell(what, more)
    said.add(what)
  }

  const measure = () => {
    if (lab?.state.snapshot) tell('height', { height: Math.ceil(document.body.getBoundingClientRect().height) })
  }

  function hear() {
    const reason = reasonOf(lab.state)
    if (reason) tellOnce('failed', { reason })
    if (!(lab.state.snapshot?.step > 0)) return
    document.body.classList.add('started')
    tellOnce('started')
  }

  function look() {
    const seen = (near ?? inView) && !document.hidden
    if (seen && !lab) {
      lab = begin(engines)
      lab.setOpened('story', true) // in full
      lab.addEventListener('change', hear)
    }
    lab?.setVisible(seen)
  }

  new IntersectionObserver((changes) => {
    inView = changes.at(-1).isIntersecting
    look()
  }).observe(document.body)
  document.addEventListener('visibilitychange', look)
  addEventListener('hashchange', () => location.reload()) // another figure
  if (parent === window) return
  addEventListener('message', ({ source, data }) => {
    if (source !== parent || data?.palimpsest !== 'near' || typeof data.near !== 'boolean') return
    near = data.near
    look()
  })
  new ResizeObserver(measure).observe(document.body)
  tell('ready')
}
