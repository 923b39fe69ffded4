// The run once more, for what it was at each recorded step. Nothing is kept while it trains: the engine
// is deterministic, so that what is asked for is trained again, once, and kept from then on.
import { momentOf } from './past.js'

/** @import { Document, Moment } from './messages.js' */

const usualBytes = 64_000_000

const bytesOf = (value) => {
  if (ArrayBuffer.isView(value)) return value.byteLength
  if (value === null || typeof value !== 'object') return 8
  return Object.values(value).reduce((sum, part) => sum + bytesOf(part), 0)
}

export class Past {
  #engine
  #document
  #mostBytes
  #session = null
  #step = -1 // of the session; before its beginning
  #bytes = 0
  #most = 0 // units of a layer, of every learner's inside; 0: nobody has asked for it
  /** @type {Map<number, {moment: Moment, most: number, inside: object[]}>} by step */
  #kept = new Map()

  /**
   * @param {Document} document with all that was altered by hand
   * @param {number} mostBytes  kept; beyond, the oldest goes, and is trained again if it is asked for
   */
  constructor(engine, document, mostBytes = usualBytes) {
    this.#engine = engine
    this.#document = document
    this.#mostBytes = mostBytes
  }

  close() {
    this.#session?.close()
    this.#session = null
    this.#step = -1
  }

  /**
   * @param {number} at  one of the recorded steps @param {Float64Array} recorded
   * @param {number} untilMs  by when it pauses
   * @param {number} [most]  units of a layer, where the learners' insides are wanted as well
   * @returns {{moment: Moment, inside: object[]} | undefined} once it is reached
   */
  reach(at, recorded, untilMs, most = 0) {
    this.#most = most || this.#most
    const found = () => {
      const kept = this.#kept.get(at)
      return !most || kept?.most === most ? kept : undefined
    }
    if (!found() && this.#step >= at) this.close()
    while (!found()) {
      this.#session ??= this.#engine.open(this.#document)
      const next = recorded.find((step) => step > this.#step)
      while (this.#step < next && this.#step >= 0 && performance.now() < untilMs) {
        this.#step = this.#session.step(1) ? this.#step + 1 : next
      }
      if (this.#step < 0) this.#step = 0
      else if (this.#step < next) return undefined
      this.#keep(this.#step)
    }
    return found()
  }

  #keep(step) {
    const moment = momentOf(this.#session.snapshot())
    const inside = this.#most ? moment.learners.map((_, at) => this.#session.inside(at, this.#most)) : []
    this.#drop(step)
    const kept = { moment, most: this.#most, inside }
    this.#kept.set(step, kept)
    this.#bytes += bytesOf(kept)
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= this.#mostBytes || oldest === step) break
      this.#drop(oldest)
    }
  }

  #drop(step) {
    const kept = this.#kept.get(step)
    if (kept) this.#bytes -= bytesOf(kept)
    this.#kept.delete(step)
  }
}
