// What is made of whole runs, loaded when it is first asked for: the matrix R, the same experiment
// with other seeds, and a method's strength tried from weak to strong; and what the background does
// for others.
import './common.js'
import { Background } from './background.js'
import { settled } from './experiment.js'
import { meanSoFar } from './series.js'
import { gridAround, pointsOf, referencesOf, runsOf, strengthOf } from './sweep.js'
import { matrix } from './views/matrix.js'
import { tradeOff } from './views/trade-off.js'
import { aloneWith, runOf, spreadOf } from './whole-runs.js'

/** @import { Hand } from './crew.js' */
/** @import { Lab } from './lab.js' */
/** @import { Document } from './messages.js' */

const seeds = 10
const settleMs = 250 // an experiment that is being edited is not worth a run

/** What the views draw of the seeds. */
class Bands {
  #described
  #results // by learner: of the seeds that ended
  #bands = new Map()

  constructor(described, documents, background) {
    const all = documents.map((of) => of.map((document) => background.answerTo(runOf(document))))
    this.#described = described
    const common = (results) => results.filter((_, seed) => all.every((of) => of[seed] !== undefined))
    this.#results = all.map((results) => common(results).filter((result) => result.status === 'finished'))
    /** Seeds that every learner has done, and how many runs of them diverged. */
    this.done = common(all[0]).length
    /** Of all runs. */
    this.share = all.flat().filter(Boolean).length / all.flat().length
    this.diverged = all.flat().filter((result) => result?.status === 'diverged').length
  }

  /** By learner the quartiles along its steps, null until there are two seeds. */
  of(measure, task) {
    const key = `${measure} ${task}`
    if (!this.#bands.has(key)) this.#bands.set(key, this.#results.map((results) => this.#band(results, measure, task)))
    return this.#bands.get(key)
  }

  #band(results, measure, task) {
    if (results.length < 2) return null
    const lines = results.map((result) =>
      (task === null ? meanSoFar(result, measure, this.#described) : result.curves[measure][task]))
    const spreads = Array.from(lines[0], (_, at) => spreadOf(lines.map((line) => line[at])))
    return { step: results[0].curves.step, low: spreads.map(({ first }) => first), median: spreads.map(({ median }) => median), high: spreads.map(({ third }) => third) }
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
  #sweep = null // {learner, parameter, grid, base, running}
  #runs = [] // of the sweep
  #references = [] // runs beside it

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

  /** Tries this learner's strength; null stops. */
  sweep(learner) {
    const { described, catalogue } = this.#lab.state
    if (learner === null) this.#sweep = { ...this.#sweep, running: false }
    else {
      const method = described.experiment.methods[learner]
      const parameter = strengthOf(method, catalogue)
      this.#sweep = { learner, parameter, grid: gridAround(method, parameter), running: true }
      this.#sweep.base = this.#baseOf(settled(described.experiment, Infinity), learner)
    }
    this.#plan()
  }

  /** All of a learner's experiment but the strength that is tried. */
  #baseOf(document, learner) {
    const { parameter } = this.#sweep
    const { methods: [method], ...rest } = aloneWith(document, learner, document.seed)
    return JSON.stringify([rest, { ...method, [parameter.key]: null }])
  }

  #look() {
    const { described, opened } = this.#lab.state
    const plan = [described, opened.has('seeds')]
    if (plan.every((part, at) => part === this.#planned[at])) return
    this.#planned = plan
    this.#documents = null
    this.#runs = this.#references = []
    for (const name of ['seeds', 'sweep']) this.#background.want(name, [])
    this.#show()
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#plan(), settleMs)
  }

  #plan() {
    const { described, opened } = this.#lab.state
    if (!described) return
    const document = described.experiment
    if (opened.has('seeds')) {
      this.#documents = document.methods.map((_, learner) => Array.from({ length: seeds }, (_, at) =>
        aloneWith(document, learner, document.seed + at)))
      this.#background.want('seeds', this.#documents[0].flatMap((_, at) => this.#documents.map((of) => runOf(of[at]))))
    }
    const ours = settled(document, Infinity)
    if (this.#sweep) this.#sweep = this.#sweepOf(ours)
    this.#runs = this.#sweep ? runsOf(this.#sweep, ours) : []
    this.#references = this.#sweep ? referencesOf(this.#sweep, ours) : []
    const all = [...this.#references, ...this.#runs]
    this.#background.want('sweep', this.#sweep?.running ? all.map(({ document }) => runOf(document)) : [])
    this.#show()
  }

  /** The sweep, of the learner where it now stands; null where that is no more. */
  #sweepOf(document) {
    const { base, learner } = this.#sweep
    const places = document.methods.flatMap((_, at) => (this.#baseOf(document, at) === base ? [at] : []))
    return places.length ? { ...this.#sweep, learner: places.includes(learner) ? learner : places[0] } : null
  }

  #show() {
    const { described } = this.#lab.state
    this.#publish({
      background: this.#background,
      matrix,
      tradeOff,
      bands: this.#documents && new Bands(described, this.#documents, this.#background),
      sweep: this.#sweep && this.#swept(),
    })
  }

  #swept() {
    const doneOf = (runs) => runs.map(({ value, document }) => ({ value, result: this.#background.answerTo(runOf(document)) }))
      .filter(({ result }) => result !== undefined)
    const [points, references] = [doneOf(this.#runs), doneOf(this.#references)]
    const [done, of] = [points.length + references.length, this.#runs.length + this.#references.length]
    if (of && done === of) this.#sweep.running = false
    return { ...this.#sweep, done, of, points: pointsOf(points), references: pointsOf(references) }
  }
}
