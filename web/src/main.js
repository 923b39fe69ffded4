import { Client } from './client.js'
import { Lab } from './lab.js'
import './app.js'

const address = {
  read: () => location.hash,
  write(fragment) {
    try {
      history.replaceState(null, '', fragment)
    } catch {
      // A sandboxed frame may not touch its address; the link is on the page as well.
    }
  },
}

const reduced = matchMedia('(prefers-reduced-motion: reduce)').matches
const lab = new Lab(new Client(), address, reduced)
const app = document.querySelector('palimpsest-app')
app.lab = lab

lab.setVisible(!document.hidden)

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))
lab.start(async () => {
  await nextFrame()
  await app.updateComplete
})

document.addEventListener('visibilitychange', () => lab.setVisible(!document.hidden))
window.addEventListener('hashchange', () => lab.openAddress())
