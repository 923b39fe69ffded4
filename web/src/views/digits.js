// The way to the views of digits, which are loaded with the first experiment of them.
import { html, nothing } from 'lit'
import { formatCount, formatParameter, titled } from '../format.js'
import { strings } from '../strings.js'
import { taskKey } from './keys.js'
import { sampled, tucked } from './tables.js'

/** @import { Lab } from '../lab.js' */

const page = { html, nothing, strings, formatCount, formatParameter, titled, taskKey, sampled, tucked }

/** @param {Lab} lab @param {'packPanel' | 'published' | 'samples' | 'samplesLegend' | 'samplesTable'} view */
export function digits(lab, view, ...given) {
  const { digits: part, described, pack } = lab.state
  return part && (pack || described?.image_side) ? part[view](page, lab, ...given) : nothing
}
