// The experiments that were run, in order, for undo and redo.

/** @import { Document } from './messages.js' */

const most = 200
const oneChangeMs = 1000 // within which changes of one thing count as one

export class History {
  /** @type {Document[]} */
  #documents = []
  #at = -1
  #what = ''
  #ms = 0

  /** The one on the page, or the last that ran. */
  get current() {
    return this.#documents[this.#at]
  }

  get canUndo() {
    return this.#at > 0
  }

  get canRedo() {
    return this.#at < this.#documents.length - 1
  }

  /** @param {Document} document @param {string} what  that was changed, where it changes smoothly */
  record(document, nowMs, what = '') {
    if (document === this.current || JSON.stringify(document) === JSON.stringify(this.current)) return
    const same = what && what === this.#what && nowMs - this.#ms < oneChangeMs
    this.#documents.length = Math.max(1, same ? this.#at : this.#at + 1)
    if (this.#at < 0) this.#documents.length = 0
    this.#documents.push(document)
    if (this.#documents.length > most) this.#documents.shift()
    this.#at = this.#documents.length - 1
    this.#what = what
    this.#ms = nowMs
  }

  undo() {
    if (this.canUndo) this.#at--
    this.#what = ''
    return this.current
  }

  redo() {
    if (this.canRedo) this.#at++
    this.#what = ''
    return this.current
  }
}
