// The page's end of the worker: requests become promises, frames become calls.
import workerSource from 'palimpsest:worker'

/** @import { Catalogue, Description, Document, Report, Request, Snapshot } from './messages.js' */

function startWorker() {
  if (!workerSource) return new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  return new Worker(url)
}

export class Client {
  /** @type {(snapshot: Snapshot) => Promise<void> | void} */
  onframe = () => {}
  /** @type {(message: string) => void} */
  onfailure = () => {}

  #worker
  #run = 0
  #lastId = 0
  #pending = new Map()
  #ready

  constructor() {
    this.#ready = new Promise((resolve) => this.#pending.set('ready', resolve))
    try {
      this.#worker = startWorker()
    } catch (error) {
      queueMicrotask(() => this.onfailure(String(error.message ?? error)))
      return
    }
    this.#worker.onmessage = ({ data }) => this.#receive(data)
    this.#worker.onerror = (event) => this.onfailure(event.message || String(event.type))
  }

  /** @returns {Promise<Catalogue>} */
  ready() {
    return this.#ready
  }

  /** @param {Document} document @returns {Promise<string[]>} the faults */
  async check(document) {
    return (await this.#ask({ type: 'check', document })).faults
  }

  /**
   * @param {Document} document
   * @returns {Promise<{described: Description, snapshot: Snapshot} | {faults: string[]} | null>}
   *   null where a later call has overtaken this one
   */
  async open(document) {
    const run = ++this.#run
    const reply = await this.#ask({ type: 'open', run, document })
    if (run !== this.#run) return null
    return reply
  }

  /** @param {number} rate steps a second @param {boolean} quiet only the last frame */
  play(rate, quiet = false) {
    this.#send({ type: 'play', run: this.#run, rate, quiet })
  }

  pause() {
    this.#send({ type: 'pause' })
  }

  /** @param {number} count */
  step(count) {
    this.#send({ type: 'step', run: this.#run, count })
  }

  /** @returns {Promise<{faults: string[], experiment: Document | null}>} */
  alter(learner, key, value) {
    return this.#ask({ type: 'alter', run: this.#run, learner, key, value })
  }

  #send(request) {
    this.#worker?.postMessage(request)
  }

  #ask(request) {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#pending.set(id, resolve)
      this.#send({ ...request, id })
    })
  }

  async #receive(/** @type {Report} */ report) {
    if (report.type === 'ready') return this.#pending.get('ready')(report.catalogue)
    if (report.type === 'failed') return this.onfailure(report.message)
    if (report.type === 'frame') {
      if (report.run !== this.#run) return
      await this.onframe(report.snapshot)
      return this.#send({ type: 'acknowledge', run: report.run })
    }
    this.#pending.get(report.id)(report)
    this.#pending.delete(report.id)
  }
}
