// digits.pack: fetched, or chosen by the reader where the page cannot fetch it.
import { digitStrings as words } from '../strings.js?digits'

/** @import { Lab } from '../lab.js' */

const file = 'digits.pack'
const most = 2_000_000 // bytes; tools/pack makes a fifth of that

/**
 * @param {boolean} oneFile @param {(loaded: number, total: number) => void} onprogress  total: 0 where unknown
 * @returns {Promise<Uint8Array>}
 */
const fetched = (oneFile, onprogress) => new Promise((resolve, reject) => {
  if (oneFile) throw new Error(words.oneFile)
  const request = new XMLHttpRequest() // which says how far it is
  request.open('GET', new URL(file, import.meta.url))
  request.responseType = 'arraybuffer'
  request.onprogress = ({ loaded, total }) => onprogress(loaded, total)
  request.onerror = () => reject(new Error(words.notFetched()))
  request.onload = () => (request.status === 200
    ? resolve(new Uint8Array(request.response)) : reject(new Error(words.notFetched(request.status))))
  request.send()
})

/** @param {Blob} chosen */
async function contentOf(chosen) {
  if (chosen.size > most) throw new Error(words.tooLarge(chosen.name))
  return new Uint8Array(await chosen.arrayBuffer())
}

/** Takes the bytes; where there are none, or wrong ones, the lab knows why. @param {Lab} lab */
async function take(lab, bytes) {
  try {
    const fault = await lab.givePack(await bytes)
    if (fault) throw new Error(fault)
  } catch (error) {
    lab.setPack({ fault: error.message })
  }
}

let underWay = null

/** Once for all that wait for it. @param {Lab} lab */
export function fetchPack(lab) {
  underWay ??= take(lab, fetched(lab.state.pack.oneFile, (loaded, total) => lab.setPack({ loaded, total }))).finally(() => (underWay = null))
  return underWay
}

/** @param {Lab} lab @param {Blob} chosen */
export async function choosePack(lab, chosen) {
  lab.setPack({ fault: '' })
  await take(lab, contentOf(chosen))
  if (!lab.state.pack?.fault) await lab.openWaiting()
}

/** While the digits are on their way, and where they do not come. @param {Lab} lab */
export function packPanel({ html, nothing }, lab) {
  const { loaded = 0, total = 0, fault, oneFile } = lab.state.pack
  if (!fault) {
    return html`<section class="pack wide" aria-label=${words.title}><label>${words.fetching(loaded, total)}
      <progress max=${total || 1} value=${total ? loaded : nothing}></progress></label></section>`
  }
  const choose = ({ target }) => target.files.length && choosePack(lab, target.files[0])
  return html`<section class="pack wide" aria-labelledby="pack-title">
    <h2 id="pack-title">${words.title}</h2>
    <p role="alert">${fault}</p>
    <p><label>${words.choose(html`<a href=${file} download>${file}</a>`)} <input type="file" @change=${choose}></label>
      ${oneFile ? nothing : html`<button type="button" @click=${() => lab.openWaiting()}>${words.retry}</button>`}</p>
  </section>`
}
