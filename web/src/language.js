// Chinese, laid over the page's English before anything is drawn. Loaded where it is wanted.
import './common.js'
import { chapters } from './chapters.js'
import { loadPresets, presets } from './presets.js'
import { strings } from './strings.js'
import { dialogStrings } from './strings.js?dialog'
import { digitStrings } from './strings.js?digits'
import { ownStrings } from './strings.js?own'
import { sliceStrings } from './strings.js?slice'
import * as chinese from './strings.zh.js'

/** @import { Catalogue } from './messages.js' */

const fonts = new CSSStyleSheet() // formulas and names in the same as in English; Chinese has no italics
fonts.replaceSync(`:root {
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", "P052", Charter, Georgia,
    "Liberation Serif", "Songti SC", "Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", SimSun, serif;
  --sans: -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial,
    "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif;
}
.lead, .milestone { font-style: normal }
label, button, th, dt { word-break: keep-all }`)

/** A Latin name stands apart from Chinese characters, a Chinese one does not. */
const tidy = (text) => (typeof text === 'string' ? text.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '') : text)

/** Puts texts over those at the same places. */
function lay(texts, over) {
  for (const [key, text] of Object.entries(texts)) {
    if (typeof text === 'object') lay(text, over[key])
    else over[key] = typeof text === 'function' ? (...given) => tidy(text(...given)) : text
  }
}

function layChapter({ title, story, words = [], symbols }, preset) {
  const left = [...words]
  const formula = preset.formula.replace(/(<mtext>)[^<]*/g, (_, tag) => tag + left.shift())
  const meanings = preset.symbols.map(([symbol], at) => [symbol, symbols[at]])
  Object.assign(preset, { title, story, formula, symbols: meanings })
}

/** From then on the page's texts are Chinese. */
export async function speak() {
  lay(chinese.strings, strings)
  lay(chinese.ownStrings, ownStrings)
  lay(chinese.dialogStrings, dialogStrings)
  lay(chinese.digitStrings, digitStrings)
  lay(chinese.sliceStrings, sliceStrings)
  for (const chapter of [presets[0], ...chapters]) layChapter(chinese.chapters[chapter.name], chapter)
  await loadPresets()
  document.documentElement.lang = 'zh-Hans'
  document.title = chinese.pageTitle
  document.adoptedStyleSheets.push(fonts)
}

const named = (entry, [label, help, choices] = [entry.label, entry.help]) => ({
  ...entry, label, help,
  ...(choices ? { choices: entry.choices.map((choice) => named(choice, choices[choice.value])) } : {}),
})

/** @param {Catalogue} catalogue @returns {Catalogue} */
export function translated(catalogue) {
  const names = chinese.catalogue
  const parameter = (each, kind) => {
    const own = named(each, names.parameters[`${kind}.${each.key}`] ?? names.parameters[each.key])
    const zero = names.zero[each.zero]
    return zero ? { ...own, zero, help: own.help.replace('。', `；0 表示${zero}。`) } : own
  }
  const entry = (each, section) => (each.kind
    ? { ...named(each, names[section][each.kind]), parameters: each.parameters.map((own) => parameter(own, each.kind)) }
    : parameter(each))
  return Object.fromEntries(Object.entries(catalogue).map(([section, entries]) =>
    [section, Array.isArray(entries) ? entries.map((each) => entry(each, section)) : entries]))
}
