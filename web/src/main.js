import { Client } from './client.js'
import { Lab } from './lab.js'
import './app.js'

const framed = /&embed\b/.test(location.hash)

const address = {
  read: () => location.hash,
  /** @param {boolean} isNew  the browser's Back leads to what was there before */
  write(fragment, isNew) {
    if (framed) return
    try {
      history[isNew ? 'pushState' : 'replaceState'](null, '', fragment)
    } catch {
      // A sandboxed frame may not touch its address; the link is on the page as well.
    }
  },
}

const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches
const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** By the first language that there is of those asked for, in the address and by the reader. */
function isChinese() {
  const asked = /[?&#]lang=([\w-]+)/.exec(location.search + location.hash)?.[1]
  return /^zh\b/i.test([asked, ...navigator.languages].find((language) => /^(en|zh)\b/i.test(language)))
}

let translated // in a language that is not the catalogue's

async function speak() {
  if (!isChinese()) return
  const language = await import('./language.js')
  await language.speak()
  translated = language.translated
}

/** @param {number} [engines]  at most so many */
function begin(engines) {
  const lab = new Lab(new Client(engines), address, reduced, translated)
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

/** Where a browser drops a comma from numbers, 1,5 would become 15: it is a point instead. @param {InputEvent} event */
function pointForComma(event) {
  if (event.data !== ',' || event.target.type !== 'number' || (1.5).toLocaleString(navigator.language).includes(',')) return
  event.preventDefault()
  document.execCommand('insertText', false, '.')
}

async function start() {
  document.querySelector('.late')?.remove() // what a page says whose scripts do not run
  const spoken = speak()
  if (framed) {
    const [{ embed }] = await Promise.all([import('./embed/embedded.js'), spoken])
    return embed(begin)
  }
  await spoken
  const lab = begin()
  document.addEventListener('visibilitychange', () => lab.setVisible(!document.hidden))
  window.addEventListener('keydown', (event) => undoOrRedo(lab, event))
  window.addEventListener('beforeinput', pointForComma)
  window.addEventListener('hashchange', () => lab.openAddress())
}

start()
