// What a reader takes along, made when it is asked for. Loaded then, so it is given what it needs of
// the rest of the page.
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
  curves: ({ lab: { state }, names }) => ['curves.csv', curvesCsv(state.described, state.snapshot, names)],
  matrix: ({ lab: { state }, names }) => ['matrix.csv', matrixCsv(state.described, state.snapshot, names)],
  script: async ({ lab, names, title, link, missing }) => ['py', pytorchScript({
    described: lab.state.described, parameters: await lab.firstParameters(), names, title, missing,
    link: link.length > longestLink ? link.split('#')[0] : link,
  })],
  figure: ({ plots, title }) => ['svg', figureOf(plots, title)],
  svg: ({ plot, plotTitle }) => ['svg', svgOf(plot, plotTitle).text],
  png: async ({ plot, plotTitle }) => ['png', await pngOf(svgOf(plot, plotTitle))],
}

function download(name, content) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content]))
  Object.assign(document.createElement('a'), { href: url, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

const plain = (text) => text.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '')

/** @param {{title: string, plotTitle?: string}} given @param {string} ending */
export const nameOf = ({ title, plotTitle }, ending) =>
  `palimpsest-${plain(title)}${plotTitle ? `-${plain(plotTitle)}` : ''}${ending.includes('.') ? '-' : '.'}${ending}`

/**
 * @param {string} what  a key of `takings`
 * @param {{lab: Lab, names: string[], title: string, link: string, missing: (kinds: string[]) => string,
 *   plots?: [string, SVGSVGElement][], plot?: SVGSVGElement, plotTitle?: string}} given
 * @returns {Promise<string>} the name of the file that is saved
 */
export async function take(what, given) {
  const [ending, content] = await takings[what](given)
  const name = nameOf(given, ending)
  download(name, content)
  return name
}
