// Owns an engine and its session: some of the experiment's learners. It trains as far as the page
// says; the page keeps the pace, so that all engines stay together. While the page asks for nothing
// it works on an errand in the background.
import { createEngine } from 'palimpsest:engine'

/** @import { Past } from './relive.js' */
/** @import { Advance, AskResult, Report, Request, Rewind } from './messages.js' */

const sliceMs = 12 // of training between two looks at the messages
const backgroundMs = 5 // the same, of an errand

/** A session, trained piece by piece. */
class Training {
  position = 0 // steps done
  #stepMs = 0 // smoothed cost of one step

  constructor(session) {
    this.session = session
  }

  /** At most until a slice is over, in pieces of half of it. @returns {number} steps done */
  advance(to, sliceMs) {
    const [from, first] = [performance.now(), this.position]
    let now = from
    while (this.position < to && now - from < sliceMs) {
      const before = now
      const affordable = Math.max(1, this.#stepMs ? Math.floor(sliceMs / 2 / this.#stepMs) : 1)
      const done = this.session.step(Math.min(to - this.position, affordable))
      if (!done) break
      now = performance.now()
      this.position += done
      const cost = (now - before) / done
      this.#stepMs = this.#stepMs ? 0.8 * this.#stepMs + 0.2 * cost : cost
    }
    return this.position - first
  }
}

let engine = null
/** @type {Training | null} */
let shown = null
/** @type {Past | null} */
let past = null // made when it is first asked for
let run = 0
/** @type {{id: number, errand?: Generator} | null} */
let job = null // in the background; without its errand until that is loaded
let held = false
/** @type {((Advance & {ms: number, steps: number}) | AskResult | Rewind)[]} */
let rounds = []

const { port1, port2 } = new MessageChannel() // yields without the clamp of setTimeout
port1.onmessage = () => guarded(work)

/** @param {Report} report */
const send = (report, transfer = []) => self.postMessage(report, transfer)

function guarded(action, ...given) {
  try {
    action(...given)
  } catch (error) {
    rounds = []
    send({ type: 'failed', message: String(error?.message ?? error) })
  }
}

/** What only some visits need. */
const loaded = (part, then) =>
  part.then((module) => guarded(then, module), ({ message }) => send({ type: 'failed', message }))

function buffersOf(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) found.add(value.buffer)
  else if (value && typeof value === 'object') {
    for (const part of Object.values(value)) buffersOf(part, found)
  }
  return found
}

function report({ to, show, ms, steps }) {
  const before = performance.now()
  const snapshot = show ? shown.session.snapshot() : null
  const snapshotMs = performance.now() - before
  send({ type: 'reached', run, to, ms, steps, snapshot, snapshotMs }, [...buffersOf(snapshot)])
}

let awake = false

function wake() {
  if (!awake) port2.postMessage(null)
  awake = true
}

function workOnRound() {
  const [round] = rounds
  if (round.type === 'result') {
    rounds.shift()
    return send({ type: 'resulted', id: round.id, result: shown.session.result() })
  }
  if (round.type === 'rewind') return rewind(round)
  const before = performance.now()
  const done = shown.advance(round.to, sliceMs)
  round.ms += performance.now() - before
  round.steps += done
  if (done && shown.position < round.to) return
  shown.position = round.to
  rounds.shift()
  report(round)
}

function rewind({ id, at, recorded, most, Past }) {
  past ??= new Past(engine, shown.session.describe().experiment)
  const reached = past.reach(at, recorded, performance.now() + sliceMs, most)
  if (!reached) return
  rounds.shift()
  send({ type: 'rewound', id, ...reached })
}

function workInBackground() {
  const { done, value } = job.errand.next()
  if (!done) return
  send({ type: 'done', id: job.id, answer: value }, [...buffersOf(value)])
  job = null
}

function work() {
  awake = false
  if (rounds.length) workOnRound()
  else if (job?.errand && !held) workInBackground()
  if (rounds.length || (job?.errand && !held)) wake()
}

function queue(round) {
  rounds.push(round)
  wake()
}

function forget() {
  past?.close()
  past = null
}

function leave() {
  shown?.session.close()
  shown = null
  forget()
  rounds = []
}

const handlers = {
  check({ id, document }) {
    send({ type: 'checked', id, faults: engine.check(document) })
  },
  open({ id, run: next, document }) {
    leave()
    const session = engine.open(document)
    shown = new Training(session)
    run = next
    send({ type: 'opened', id, described: session.describe(), snapshot: session.snapshot() })
  },
  close: leave,
  advance(message) {
    if (message.run !== run) return
    queue({ ...message, ms: 0, steps: 0 })
  },
  result: queue,
  rewind(message) {
    loaded(import('./relive.js'), ({ Past }) => message.run === run && queue({ ...message, Past }))
  },
  start({ id, document }) {
    const beginning = engine.open({ ...document, methods: [{ kind: 'finetune' }], record: {}, alterations: [] })
    const [{ parameters }] = beginning.result().learners
    beginning.close()
    send({ type: 'began', id, parameters })
  },
  alter({ id, run: of, learner, key, value }) {
    if (of !== run) return send({ type: 'altered', id, faults: [], experiment: null })
    const faults = shown.session.alter(learner, key, value)
    forget()
    send({ type: 'altered', id, faults, experiment: shown.session.describe().experiment })
  },
  errand({ id, kind, ...given }) {
    job = { id }
    const begin = (errands) => {
      if (job?.id === id) job.errand = errands[kind](given, { engine, Training, ms: backgroundMs })
      wake()
    }
    loaded(import('./errands.js'), begin)
  },
  drop() {
    if (!job) return
    send({ type: 'done', id: job.id, dropped: true })
    job.errand?.return()
    job = null
  },
  hold(message) {
    held = message.held
    wake()
  },
  inside({ id, run: of, learner, most }) {
    const inside = of === run ? shown.session.inside(learner, most) : null
    send({ type: 'looked', id, inside }, [...buffersOf(inside)])
  },
  images({ id, bytes }) {
    let fault = ''
    try {
      engine.data('pack', bytes)
    } catch (error) {
      fault = error.message
    }
    send({ type: 'given', id, fault })
  },
  digest({ id, digests }) {
    send({ type: 'digested', id, digest: engine.digest(digests) })
  },
}

const waiting = []
self.onmessage = ({ data }) => {
  if (data.type === 'begin') return begin(data.module)
  if (!engine) return waiting.push(data)
  guarded(handlers[/** @type {Request} */ (data).type], data)
}
self.onmessageerror = () => begin() // a module that may not pass: only it can be such a message

function begin(module) {
  createEngine(module).then(
    (created) => {
      engine = created
      send({ type: 'ready', catalogue: engine.catalogue() })
      if (!module) send({ type: 'compiled', module: engine.compiled })
      for (const data of waiting.splice(0)) self.onmessage({ data })
    },
    (error) => send({ type: 'failed', message: String(error?.message ?? error) }),
  )
}
