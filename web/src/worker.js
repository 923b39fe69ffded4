// Owns an engine and its session: some of the experiment's learners. It trains as far as the page
// says; the page keeps the pace, so that all engines stay together.
import { createEngine } from 'palimpsest:engine'

/** @import { Advance, AskResult, Report, Request } from './messages.js' */

const sliceMs = 12 // of training between two looks at the messages

let engine = null
let session = null
let run = 0
let position = 0 // steps done
let stepMs = 0 // smoothed cost of one step
/** @type {((Advance & {ms: number, steps: number}) | AskResult)[]} */
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

function buffersOf(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) found.add(value.buffer)
  else if (value && typeof value === 'object') {
    for (const part of Object.values(value)) buffersOf(part, found)
  }
  return found
}

/** How many steps fit half a slice; one, until a step has been timed. */
const affordable = () => Math.max(1, stepMs ? Math.floor(sliceMs / 2 / stepMs) : 1)

function train(round) {
  const from = performance.now()
  let now = from
  while (position < round.to && now - from < sliceMs) {
    const before = now
    const done = session.step(Math.min(round.to - position, affordable()))
    now = performance.now()
    position = done ? position + done : round.to
    round.steps += done
    const cost = (now - before) / Math.max(1, done)
    stepMs = stepMs ? 0.8 * stepMs + 0.2 * cost : cost
  }
  round.ms += now - from
}

function report({ to, show, ms, steps }) {
  const before = performance.now()
  const snapshot = show ? session.snapshot() : null
  const snapshotMs = performance.now() - before
  send({ type: 'reached', run, to, ms, steps, snapshot, snapshotMs }, [...buffersOf(snapshot)])
}

function work() {
  const [round] = rounds
  if (!round) return
  if (round.type === 'result') {
    rounds.shift()
    send({ type: 'resulted', id: round.id, result: session.result() })
  } else {
    train(round)
    if (position >= round.to) {
      rounds.shift()
      report(round)
    }
  }
  if (rounds.length) port2.postMessage(null)
}

function leave() {
  session?.close()
  session = null
  rounds = []
}

const handlers = {
  check({ id, document }) {
    send({ type: 'checked', id, faults: engine.check(document) })
  },
  open({ id, run: next, document }) {
    leave()
    session = engine.open(document)
    run = next
    position = stepMs = 0
    send({ type: 'opened', id, described: session.describe(), snapshot: session.snapshot() })
  },
  close: leave,
  advance(message) {
    if (message.run !== run) return
    rounds.push({ ...message, ms: 0, steps: 0 })
    if (rounds.length === 1) port2.postMessage(null)
  },
  result(message) {
    rounds.push(message)
    if (rounds.length === 1) port2.postMessage(null)
  },
  start({ id, document }) {
    const beginning = engine.open({ ...document, methods: [{ kind: 'finetune' }], record: {}, alterations: [] })
    const [{ parameters }] = beginning.result().learners
    beginning.close()
    send({ type: 'began', id, parameters })
  },
  alter({ id, run: of, learner, key, value }) {
    if (of !== run) return send({ type: 'altered', id, faults: [], experiment: null })
    const faults = session.alter(learner, key, value)
    send({ type: 'altered', id, faults, experiment: session.describe().experiment })
  },
  digest({ id, digests }) {
    send({ type: 'digested', id, digest: engine.digest(digests) })
  },
}

const waiting = []
self.onmessage = ({ data }) => {
  if (!engine) return waiting.push(data)
  guarded(handlers[/** @type {Request} */ (data).type], data)
}

createEngine().then(
  (created) => {
    engine = created
    send({ type: 'ready', catalogue: engine.catalogue() })
    for (const data of waiting.splice(0)) self.onmessage({ data })
  },
  (error) => send({ type: 'failed', message: String(error?.message ?? error) }),
)
