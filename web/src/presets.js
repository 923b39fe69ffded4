// The chapters, in reading order; the first is the default.
import twoSines from '../presets/two-sines.json'
import sequential from '../presets/sequential.json'
import joint from '../presets/joint.json'
import weightDecay from '../presets/weight-decay.json'
import regularisation from '../presets/regularisation.json'
import l2 from '../presets/l2.json'
import ewc from '../presets/ewc.json'
import gem from '../presets/gem.json'
import rehearsal from '../presets/rehearsal.json'
import domains from '../presets/domains.json'

/**
 * @typedef {object} Preset
 * @property {string} name  as in "#preset=NAME"
 * @property {string} title
 * @property {string} story  what to look at
 * @property {string} formula  MathML, without the <math> around it
 * @property {[string, string][]} symbols  MathML of each symbol, and its meaning
 * @property {object} experiment  a document
 */

/** @type {Preset[]} */
export const presets = [
  twoSines, sequential, joint, weightDecay, regularisation, l2, ewc, gem, rehearsal, domains,
]

export const presetNamed = (name) => presets.find((preset) => preset.name === name)
