// Errands that nobody watches, over all the workers: each as soon as one of them is free, none twice,
// and always after what is shown.

/** @import { Hand } from './crew.js' */

const mostKept = 2000 // answers

/**
 * @typedef {object} Errand
 * @property {string} key  of what it is about: its answer is known by it
 * @property {object} request  without its id
 * @property {boolean} [passing]  the answer is large, and kept only as long as it is wanted
 */

export class Background {
  /** @type {{hand: Hand, key: string | null}[]} */
  #workers
  /** @type {Map<string, Map<string, Errand>>} by who wants them: by key, the most urgent first */
  #wanted = new Map()
  #known = new Map() // answers by key
  #onanswer

  /** @param {Hand[]} hands @param {() => void} onanswer */
  constructor(hands, onanswer) {
    this.#workers = hands.map((hand) => ({ hand, key: null }))
    this.#onanswer = onanswer
  }

  /**
   * Takes the place of what was wanted under this name; errands that nobody wants any more stop.
   * @param {Errand[]} errands
   */
  want(name, errands) {
    const before = this.#wanted.get(name) ?? new Map()
    this.#wanted.set(name, new Map(errands.map((errand) => [errand.key, errand])))
    for (const { key, passing } of before.values()) if (passing && !this.#wants(key)) this.#known.delete(key)
    for (const worker of this.#workers) {
      if (worker.key && !this.#wants(worker.key)) worker.hand.send({ type: 'drop' })
    }
    this.#assign()
  }

  #wants(key) {
    return [...this.#wanted.values()].some((errands) => errands.has(key))
  }

  /** Undefined until it is known. */
  answerTo({ key }) {
    return this.#known.get(key)
  }

  /** While it holds nothing is done. */
  hold(held) {
    for (const { hand } of this.#workers) hand.send({ type: 'hold', held })
  }

  #next() {
    for (const errands of this.#wanted.values()) {
      for (const errand of errands.values()) {
        if (!this.#known.has(errand.key) && !this.#workers.some(({ key }) => key === errand.key)) return errand
      }
    }
  }

  #assign() {
    for (const worker of this.#workers) {
      const errand = worker.key === null && this.#next()
      if (errand) this.#run(worker, errand)
    }
  }

  async #run(worker, { key, request, passing }) {
    worker.key = key
    const { answer, dropped } = await worker.hand.ask({ type: 'errand', ...request })
    worker.key = null
    if (!dropped && (!passing || this.#wants(key))) this.#keep(key, answer)
    this.#assign()
    if (!dropped) this.#onanswer()
  }

  #keep(key, answer) {
    this.#known.set(key, answer)
    if (this.#known.size > mostKept) this.#known.delete(this.#known.keys().next().value)
  }
}
