// How many steps of a training are due, by the clock.

const burstS = 0.2 // what a stall may be made up for, at most
const ease = 2.5
const slowest = 12 // steps a second

export class Pace {
  #rate = 0 // steps a second, on average
  #starts // steps at which the tasks begin, and the last step
  #due = 0
  #clockMs = 0

  /** @param {number[]} boundaries */
  constructor(boundaries) {
    this.#starts = [0, ...boundaries]
  }

  start(rate, nowMs) {
    this.#rate = rate
    this.#due = 0
    this.#clockMs = nowMs
  }

  /**
   * Most happens just after a task has begun, so that is shown slowly: with x the part of the task's
   * time that has passed, the part x^ease of its steps is done.
   */
  #at(position) {
    const task = Math.max(0, this.#starts.findLastIndex((start) => start <= position))
    const [from, to] = [this.#starts[task], this.#starts[task + 1] ?? Infinity]
    const done = (position - from) / (to - from)
    return Math.max(slowest, this.#rate * ease * done ** (1 - 1 / ease))
  }

  /** The steps that are due now; a stall is not made up for. */
  due(position, nowMs) {
    if (this.#rate === Infinity) return Infinity
    const steps = this.#at(position)
    const more = ((nowMs - this.#clockMs) / 1000) * steps
    this.#due = Math.min(this.#due + more, Math.max(1, steps * burstS))
    this.#clockMs = nowMs
    return Math.floor(this.#due)
  }

  done(steps) {
    this.#due -= steps
  }
}
