// The chapters, in reading order; the first is the default.
import twoSines from '../presets/two-sines.json'

/**
 * @typedef {object} Preset
 * @property {string} name  as in "#preset=NAME"
 * @property {string} group  a key of strings.chapterGroups; those of one stand together
 * @property {string} title
 * @property {string} [story]  what to look at
 * @property {string} [formula]  MathML, without the <math> around it
 * @property {[string, string][]} [symbols]  MathML of each symbol, and its meaning
 * @property {object} [experiment]  a document
 */

/** All but the first have a name, a group and a title only until they are loaded. @type {Preset[]} */
export const presets = [
  { group: 'problem', ...twoSines },
  { name: 'sequential', group: 'problem', title: 'Forgetting' },
  { name: 'joint', group: 'problem', title: 'The reference' },
  { name: 'weight-decay', group: 'penalties', title: 'Weight decay' },
  { name: 'regularisation', group: 'penalties', title: 'Noise and small data' },
  { name: 'l2', group: 'penalties', title: 'L2 to the old weights' },
  { name: 'ewc', group: 'penalties', title: 'EWC' },
  { name: 'gem', group: 'memory', title: 'GEM' },
  { name: 'rehearsal', group: 'memory', title: 'A tiny memory' },
  { name: 'domains', group: 'classification', title: 'Moving moons' },
  { name: 'permuted-digits', group: 'classification', title: 'Permuted digits' },
  { name: 'rotated-digits', group: 'classification', title: 'Rotated digits' },
  { name: 'split-digits', group: 'classification', title: 'Split digits' },
]

export const presetNamed = (name) => presets.find((preset) => preset.name === name)

export async function loadPresets() {
  const { chapters } = await import('./chapters.js')
  for (const chapter of chapters) Object.assign(presetNamed(chapter.name), chapter)
}
