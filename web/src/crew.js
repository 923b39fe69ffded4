// The workers, one engine each: requests become promises.
import workerSource from 'palimpsest:worker'

/** @import { Report, Request } from './messages.js' */

const mostEngines = 8

/** Whether the page is a single file, which fetches nothing. */
export const oneFile = Boolean(workerSource)

/** As many engines as can work at once. */
export const enginesFor = (learners, most = mostEngines) =>
  Math.max(1, Math.min(navigator.hardwareConcurrency || 1, learners, most))

function startWorker() {
  if (!oneFile) return new Worker(new URL('worker.js', import.meta.url), { type: 'module' })
  const url = URL.createObjectURL(new Blob([workerSource], { type: 'text/javascript' }))
  return new Worker(url)
}

export class Hand {
  #worker
  #lastId = 0
  #pending = new Map()

  /**
   * @param {(report: Report) => void} onreport  of what no request waits for
   * @param {WebAssembly.Module} [module]  compiled by another hand
   */
  constructor(onreport, module) {
    this.#worker = startWorker()
    this.#worker.onmessage = ({ data }) => {
      const resolve = this.#pending.get(data.id)
      if (!resolve) return onreport(data)
      this.#pending.delete(data.id)
      resolve(data)
    }
    this.#worker.onerror = (event) =>
      onreport({ type: 'failed', message: event.message || String(event.type) })
    this.send({ type: 'begin', module })
  }

  /** @param {Request} request */
  send(request) {
    this.#worker.postMessage(request)
  }

  /** @param {object} request without its id @returns {Promise<any>} the reply */
  ask(request) {
    const id = ++this.#lastId
    return new Promise((resolve) => {
      this.#pending.set(id, resolve)
      this.send({ ...request, id })
    })
  }
}
