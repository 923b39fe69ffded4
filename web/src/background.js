// Whole runs that nobody watches, over all the workers: each as soon as one of them is free, none
// twice, and always after what is shown.

/** @import { Hand } from './crew.js' */
/** @import { Document, Trained } from './messages.js' */

const mostKept = 2000 // runs

export class Background {
  /** @type {{hand: Hand, key: string | null}[]} */
  #workers
  #wanted = new Map() // by who wants them: documents by key, the most urgent first
  /** @type {Map<string, Trained['learner']>} */
  #known = new Map()
  #onresult

  /** @param {Hand[]} hands @param {() => void} onresult  of a run that has ended */
  constructor(hands, onresult) {
    this.#workers = hands.map((hand) => ({ hand, key: null }))
    this.#onresult = onresult
  }

  /**
   * Takes the place of what was wanted under this name; runs that nobody wants any more stop.
   * @param {Document[]} documents  each of one learner
   */
  want(name, documents) {
    this.#wanted.set(name, new Map(documents.map((document) => [JSON.stringify(document), document])))
    for (const worker of this.#workers) {
      if (worker.key && !this.#wants(worker.key)) worker.hand.send({ type: 'drop' })
    }
    this.#assign()
  }

  #wants(key) {
    return [...this.#wanted.values()].some((documents) => documents.has(key))
  }

  /** The learner's result, null where it could not be run, undefined until it has been. */
  resultOf(document) {
    return this.#known.get(JSON.stringify(document))
  }

  /** While it holds nothing trains. */
  hold(held) {
    for (const { hand } of this.#workers) hand.send({ type: 'hold', held })
  }

  #next() {
    for (const documents of this.#wanted.values()) {
      for (const [key, document] of documents) {
        if (!this.#known.has(key) && !this.#workers.some((worker) => worker.key === key)) return { key, document }
      }
    }
  }

  #assign() {
    for (const worker of this.#workers) {
      const job = worker.key === null && this.#next()
      if (job) this.#run(worker, job)
    }
  }

  async #run(worker, { key, document }) {
    worker.key = key
    const { learner, dropped } = await worker.hand.ask({ type: 'train', document })
    worker.key = null
    if (!dropped) this.#keep(key, learner)
    this.#assign()
    if (!dropped) this.#onresult()
  }

  #keep(key, learner) {
    this.#known.set(key, learner)
    if (this.#known.size > mostKept) this.#known.delete(this.#known.keys().next().value)
  }
}
