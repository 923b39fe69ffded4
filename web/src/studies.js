// What is made of whole runs, loaded when one of `strings.studies` is opened: the matrix R, and runs
// of the same experiment with other seeds.
import './common.js'
import { Background } from './background.js'
import { meanSoFar } from './series.js'
import { shareOf } from './shares.js'
import { matrix } from './views/matrix.js'

/** @import { Hand } from './crew.js' */
/** @import { Lab } from './lab.js' */
/** @import { Document } from './messages.js' */

export const seeds = 10
const settleMs = 250 // an experiment that is being edited is not worth a run

/** One learner's document. @param {Document} document with every default, @returns {Document} */
export const aloneWith = (document, learner, seed) => ({
  ...shareOf(document, [learner]),
  seed,
  record: { every: document.record.every, parameters: false },
})

const median = (sorted) => {
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** @param {number[]} values */
export function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: median(sorted), low: sorted[0], high: sorted.at(-1) }
}

/** What the views draw of the seeds. */
class Bands {
  #described
  #results // by learner: of the seeds that ended
  #bands = new Map()

  constructor(described, documents, background) {
    const all = documents.map((of) => of.map((document) => background.resultOf(document)))
    this.#described = described
    this.#results = all.map((results) => results.filter((result) => result?.status === 'finished'))
    /** Seeds that every learner has done, and how many runs of them diverged. */
    this.done = Math.min(...all.map((results) => results.filter((result) => result !== undefined).length))
    this.diverged = all.flat().filter((result) => result?.status === 'diverged').length
  }

  /** By learner the lowest and the highest along its steps, null until there are two. */
  of(measure, task) {
    const key = `${measure} ${task}`
    if (!this.#bands.has(key)) this.#bands.set(key, this.#results.map((results) => this.#band(results, measure, task)))
    return this.#bands.get(key)
  }

  #band(results, measure, task) {
    if (results.length < 2) return null
    const lines = results.map((result) =>
      (task === null ? meanSoFar(result, measure, this.#described) : result.curves[measure][task]))
    const edge = (better) => lines[0].map((_, at) => lines.reduce((best, line) => better(best, line[at]), lines[0][at]))
    return { step: results[0].curves.step, low: edge(Math.min), high: edge(Math.max) }
  }

  /** @param {(result: object) => number} pick */
  spread(learner, pick) {
    const values = this.#results[learner].map(pick)
    return values.length < 2 ? null : spreadOf(values)
  }
}

export class Studies {
  #lab
  #background
  #publish
  #timer = 0
  #planned = []
  #documents = null // of the seeds, by learner

  /** @param {Lab} lab @param {Hand[]} hands @param {(studies: object) => void} publish  what the views draw */
  constructor(lab, hands, publish) {
    this.#lab = lab
    this.#publish = publish
    this.#background = new Background(hands, () => this.#show())
    lab.addEventListener('change', () => this.#look())
    this.#look()
  }

  hold(held) {
    this.#background.hold(held)
  }

  #look() {
    const { described, experiment, opened } = this.#lab.state
    const plan = [described, experiment.alterations, opened.has('seeds')]
    if (plan.every((part, at) => part === this.#planned[at])) return
    this.#planned = plan
    this.#documents = null
    this.#background.want('seeds', [])
    this.#show()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#plan(), settleMs)
  }

  #plan() {
    const { described, experiment, opened } = this.#lab.state
    if (described && opened.has('seeds')) {
      const document = { ...described.experiment, alterations: experiment.alterations }
      this.#documents = document.methods.map((_, learner) => Array.from({ length: seeds }, (_, at) =>
        aloneWith(document, learner, document.seed + at)))
      this.#background.want('seeds', this.#documents[0].flatMap((_, at) => this.#documents.map((of) => of[at])))
    }
    this.#show()
  }

  #show() {
    const { described } = this.#lab.state
    this.#publish({
      matrix,
      bands: this.#documents && new Bands(described, this.#documents, this.#background),
    })
  }
}
