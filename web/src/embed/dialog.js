// The dialog that writes what a page needs to show this experiment, with the figure itself as it will
// be there.
import { html, render } from 'lit'
import { dialogStrings as words } from '../strings.js?dialog'
import { copy } from '../views/share.js'
import { parts, usual } from './parts.js'

const escaped = (text) => text.replace(/[&<>"]/g, (each) => `&#${each.charCodeAt(0)};`)
const previewHeight = 420

/** Whether nobody but this computer, or its own network, finds it there. */
const isLocal = (base) => /^https?:\/\/(localhost|[^/]*\.local(host)?|127\.|10\.|192\.168\.|0\.0\.0\.0|\[)/.test(base)

const style = new CSSStyleSheet()
style.replaceSync(`
dialog { width: min(1320px, calc(100vw - 24px)); max-height: calc(100vh - 24px); padding: 18px clamp(14px, 3vw, 28px); color: var(--ink); background: var(--paper); border: 1px solid var(--hair); border-radius: 10px; }
dialog::backdrop { background: rgb(0 0 0 / 0.45); }
dialog div > * { margin-block: 0 12px; }
.above { display: flex; justify-content: space-between; }
@media (min-width: 1000px) { dialog .sides { display: grid; grid-template-columns: 2fr 3fr; gap: 28px; align-items: start; } }
dialog label { display: inline-flex; align-items: center; gap: 4px; font-size: 14px; }
.choices { display: flex; flex-wrap: wrap; gap: 2px 16px; }
dialog textarea { width: 100%; font: 13px/1.45 ui-monospace, monospace; color: var(--ink); background: var(--raised); border: 1px solid var(--hair); border-radius: 6px; padding: 8px; }
dialog input[type="checkbox"] { flex: none; }
dialog p { font-size: 14px; color: var(--soft); }
dialog .actions { display: flex; flex-wrap: wrap; gap: 8px; }
dialog iframe { width: 100%; border: 1px solid var(--hair); border-radius: 6px; }
`)

/** What is after the # of the figure's address. */
const fragmentFor = ({ fragment }, shown) => `${fragment.slice(1)}&embed${String(shown) === String(usual) ? '' : `=${shown}`}`

/** HTML for a blog: the element, or a plain frame for those that allow no scripts. */
function snippetFor(given, shown, framed) {
  const { base, title, picture, finished } = given
  const image = finished ? `<img src="${picture}" alt="${escaped(title)}" loading="lazy" width="100%">` : ''
  const without = `<noscript>${words.needs}</noscript>`
  if (framed) {
    return `<iframe src="${base}palimpsest.html#${fragmentFor(given, shown)}${given.run}" title="${escaped(title)}"
  sandbox="allow-scripts" width="100%" height="900" style="border: 0"></iframe>
<noscript>${image}${words.needs}</noscript>`
  }
  const experiment = given.fragment.startsWith('#preset=')
    ? `preset="${given.fragment.slice('#preset='.length)}"` : `experiment="${given.fragment.slice(1)}"`
  const show = String(shown) === String(usual) ? '' : ` show="${shown.join(' ')}"`
  return `<script src="${base}embed.js" defer></script>
<palimpsest-figure ${experiment}${show} label="${escaped(title)}">
  ${image}${without}
</palimpsest-figure>`
}

/**
 * @param {{fragment: string, base: string, preview: string, title: string, picture: string, finished: boolean,
 *   run: string, save: () => Promise<void>}} given  run: for an address, see kept-run.js; '' before it has finished
 */
export function openEmbedDialog(given) {
  const dialog = document.createElement('dialog')
  dialog.className = 'embed'
  dialog.setAttribute('aria-labelledby', 'embed-title')
  let shown = usual
  let framed = false

  const hear = ({ source, data }) => {
    const frame = dialog.querySelector('iframe')
    if (source !== frame?.contentWindow || data?.palimpsest !== 'height' || !(data.height > 0 && data.height < 20_000)) return
    frame.style.height = `${data.height}px`
  }
  const change = (name) => ({ target }) => {
    shown = Object.keys(parts).filter((each) => (each === name ? target.checked : shown.includes(each)))
    draw()
  }
  function draw() {
    const address = `${given.preview}#${fragmentFor(given, shown)}`
    render(html`<div class="above"><h2 id="embed-title">${words.title}</h2>
      <button type="button" @click=${() => dialog.close()}>${words.close}</button></div>
      <div class="sides"><div><fieldset class="choices"><legend>${words.show}</legend>${Object.keys(parts).map((name) => html`<label>
        <input type="checkbox" ?checked=${shown.includes(name)} @change=${change(name)}> ${words.parts[name]}</label>`)}
      </fieldset>
      <label><input type="checkbox" @change=${({ target }) => { framed = target.checked; draw() }}> ${words.framed}</label>
      <textarea readonly rows="9" spellcheck="false" aria-label=${words.snippet}
        .value=${snippetFor(given, shown, framed)}></textarea>
      ${isLocal(given.base) ? html`<p class="note">${words.local(given.base)}</p>` : ''}
      <p>${given.finished ? (framed ? words.framedPicture : words.picture)(given.picture) : words.unfinished}</p>
      <p class="actions"><button type="button" @click=${({ target }) => copy(dialog.querySelector('textarea'), target)}>${words.copy}</button>
        <button type="button" ?disabled=${!given.finished} @click=${given.save}>${words.save}</button></p></div>
      <div><h3>${words.preview}</h3>
      <iframe title=${words.preview} sandbox="allow-scripts" height=${previewHeight} src=${address}></iframe></div></div>`, dialog)
  }

  draw()
  if (!document.adoptedStyleSheets.includes(style)) document.adoptedStyleSheets.push(style)
  document.body.append(dialog)
  addEventListener('message', hear)
  dialog.addEventListener('close', () => {
    removeEventListener('message', hear)
    dialog.remove()
  })
  dialog.showModal()
}
