import { Client } from './client.js'
import { Lab } from './lab.js'
import './app.js'

const framed = /&embed\b/.test(location.hash)

const address = {
  read: () => location.hash,
  write(fragment) {
    if (framed) return
    try {
      history.replaceState(null, '', fragment)
    } catch {
      // A sandboxed frame may not touch its address; the link is on the page as well.
    }
  },
}

const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** @param {number} [engines]  at most so many */
function begin(engines) {
  const lab = new Lab(new Client(engines), address, reduced)
  const app = document.querySelector('palimpsest-app')
  app.lab = lab
  lab.setVisible(!document.hidden)
  lab.start(async () => {
    await nextFrame()
    await app.updateComplete
  })
  return lab
}

/** Not in a field, where the same keys undo what is typed. */
const typing = (target) => target.matches?.('textarea, select, input:not([type="range"], [type="checkbox"])')

/** @param {Lab} lab @param {KeyboardEvent} event */
function undoOrRedo(lab, event) {
  const key = event.key.toLowerCase()
  if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target)) return
  if (key !== 'z' && !(key === 'y' && event.ctrlKey)) return
  event.preventDefault()
  if (key === 'y' || event.shiftKey) lab.redo()
  else lab.undo()
}

if (framed) import('./embed/embedded.js').then(({ embed }) => embed(begin))
else {
  const lab = begin()
  document.addEventListener('visibilitychange', () => lab.setVisible(!document.hidden))
  window.addEventListener('keydown', (event) => undoOrRedo(lab, event))
  window.addEventListener('hashchange', () => lab.openAddress())
}
