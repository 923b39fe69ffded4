// The chapters, in reading order; the first is the default.
import twoSines from '../presets/two-sines.json'

/**
 * @typedef {object} Preset
 * @property {string} name  as in "#preset=NAME"
 * @property {string} title
 * @property {string} [story]  what to look at
 * @property {string} [formula]  MathML, without the <math> around it
 * @property {[string, string][]} [symbols]  MathML of each symbol, and its meaning
 * @property {object} [experiment]  a document
 */

/** All but the first have a name and a title only until they are loaded. @type {Preset[]} */
export const presets = [
  twoSines,
  { name: 'sequential', title: 'Forgetting' },
  { name: 'joint', title: 'The reference' },
  { name: 'weight-decay', title: 'Weight decay' },
  { name: 'regularisation', title: 'Noise and small data' },
  { name: 'l2', title: 'L2 to the old weights' },
  { name: 'ewc', title: 'EWC' },
  { name: 'gem', title: 'GEM' },
  { name: 'rehearsal', title: 'A tiny memory' },
  { name: 'domains', title: 'Moving moons' },
  { name: 'permuted-digits', title: 'Permuted digits' },
  { name: 'rotated-digits', title: 'Rotated digits' },
  { name: 'split-digits', title: 'Split digits' },
]

export const presetNamed = (name) => presets.find((preset) => preset.name === name)

export async function loadPresets() {
  const { chapters } = await import('./chapters.js')
  for (const chapter of chapters) Object.assign(presetNamed(chapter.name), chapter)
}
