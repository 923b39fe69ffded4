// What a reader takes along, made when it is asked for.
import '../common.js'
import { openEmbedDialog } from '../embed/dialog.js'
import { keptRun } from '../embed/kept-run.js'
import { namesOf } from '../experiment.js'
import { titled } from '../format.js'
import { presetNamed } from '../presets.js'
import { strings } from '../strings.js'
import { linkOf, plotsOf } from '../views/share.js'
import { curvesCsv, matrixCsv } from './csv.js'
import { figureOf, pngOf, svgOf } from './picture.js'
import { pytorchScript } from './pytorch.js'

/** @import { Lab } from '../lab.js' */

const lists = (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value)
const longestLink = 2000 // characters, in a script

/** What is taken: the end of the file's name, and its content. @type {Record<string, (given: object) => any>} */
const takings = {
  document: ({ lab }) => ['json', JSON.stringify(lab.state.experiment, null, 2)],
  result: async ({ lab }) => ['result.json', JSON.stringify(await lab.result(), lists)],
  curves: ({ lab: { state }, names }) => ['curves.csv', curvesCsv(state.described, state.live, names)],
  matrix: ({ lab: { state }, names }) => ['matrix.csv', matrixCsv(state.described, state.live, names)],
  script: async ({ lab, names, title }) => ['py', pytorchScript({
    described: lab.state.described, parameters: await lab.firstParameters(), names, title,
    link: linkOf(lab).length > longestLink ? location.href.split('#')[0] : linkOf(lab),
  })],
  figure: ({ lab, title }) => ['svg', figureOf(plotsOf(document), title, lab.state)],
  svg: ({ lab, plot, plotTitle }) => ['svg', svgOf(plot, plotTitle, lab.state).text],
  png: async ({ lab, plot, plotTitle }) => ['png', await pngOf(svgOf(plot, plotTitle, lab.state))],
}

function download(name, content) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')

const nameOf = ({ title, plotTitle }, ending) =>
  `palimpsest-${plain(title)}${plotTitle ? `-${plain(plotTitle)}` : ''}${ending.includes('.') ? '-' : '.'}${ending}`

const titleOf = ({ preset }) => presetNamed(preset)?.title ?? strings.ownExperiment

/** The plot that is chosen on the page. */
function chosenPlot() {
  const chosen = document.getElementById('picture').value
  return { plotTitle: chosen, plot: plotsOf(document).find(([name]) => name === chosen)[1] }
}

/** Saves it, and says so. @param {Lab} lab @param {string} what  a key of `takings`, or 'embed' */
export async function take(lab, what) {
  if (what === 'embed') return openEmbed(lab)
  const said = document.getElementById('taken')
  try {
    const given = {
      lab,
      title: titleOf(lab.state),
      names: namesIn(lab.state),
      ...(what === 'svg' || what === 'png' ? chosenPlot() : {}),
    }
    const [ending, content] = await takings[what](given)
    const name = nameOf(given, ending)
    download(name, content)
    said.textContent = strings.taken(name)
  } catch (error) {
    said.textContent = strings.notTaken(error.message)
  }
}

/** The link by name, where it is exactly a preset. */
function shortFragment({ preset, experiment, fragment }) {
  const same = JSON.stringify(presetNamed(preset)?.experiment) === JSON.stringify(experiment)
  return same ? `#preset=${preset}` : fragment.split('&')[0]
}

const namesIn = ({ described, catalogue }) => namesOf(described.experiment, catalogue).map(({ name }) => titled(name))

/** The figure shows the run as it stands, not an earlier moment of it. */
async function openEmbed(lab) {
  if (lab.rewound) lab.now()
  const title = titleOf(lab.state)
  const { finished } = lab.state.live
  const oneFile = !document.querySelector('script[src]')
  const [here] = location.href.split('#')
  openEmbedDialog({
    title,
    fragment: shortFragment(lab.state),
    base: /^http/.test(here) ? new URL('.', here).href : '',
    preview: oneFile ? here : new URL(`palimpsest.html${location.search}`, here).href,
    picture: nameOf({ title }, 'svg'),
    finished,
    run: finished ? await keptRun(lab.state, namesIn(lab.state)) : '',
    save: () => take(lab, 'figure'),
  })
}
