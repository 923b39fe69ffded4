// Owns the engine's session. Training goes on at its own pace while the page draws.
import { createEngine } from 'palimpsest:engine'

/** @import { Request, Report } from './messages.js' */

const sliceMs = 12 // of training between two looks at the messages
const burstS = 0.2 // what a stall may be made up for, at most
const frameMs = 24 // between two frames, at least: a snapshot costs as much as some steps
const ease = 2.5
const slowest = 12 // steps a second

let engine = null
let session = null
let run = 0
let playing = false
let quiet = false
let rate = 0 // steps a second, on average
let starts = [0] // steps at which the tasks begin, and the last step
let due = 0 // steps that the clock owes
let position = 0 // steps done
let clockMs = 0
let stepMs = 0 // smoothed cost of one step
let inFlight = false
let sentMs = 0
let changed = false // since the last frame

const { port1, port2 } = new MessageChannel() // yields without the clamp of setTimeout
port1.onmessage = tick

/** @param {Report} report */
const send = (report, transfer = []) => self.postMessage(report, transfer)

function buffersOf(value, found = new Set()) {
  if (ArrayBuffer.isView(value)) found.add(value.buffer)
  else if (value && typeof value === 'object') {
    for (const part of Object.values(value)) buffersOf(part, found)
  }
  return found
}

function sendFrame() {
  const now = performance.now()
  if (inFlight || !changed || (playing && now - sentMs < frameMs)) return
  sentMs = now
  const snapshot = session.snapshot()
  inFlight = true
  changed = false
  send({ type: 'frame', run, snapshot }, [...buffersOf(snapshot)])
}

/** Trains at most `count` steps; returns whether the run has come to its end. */
function train(count) {
  const before = performance.now()
  const done = session.step(count)
  if (done > 0) {
    const cost = (performance.now() - before) / done
    stepMs = stepMs ? 0.8 * stepMs + 0.2 * cost : cost
    changed = true
  }
  due -= done
  position += done
  return done < count
}

/** How many steps fit half a slice; one, until a step has been timed. */
const affordable = () => Math.max(1, stepMs ? Math.floor(sliceMs / 2 / stepMs) : 1)

/**
 * Most happens just after a task has begun, so that is shown slowly: with x the part of the task's
 * time that has passed, the part x^ease of its steps is done.
 */
function pace() {
  const task = Math.max(0, starts.findLastIndex((start) => start <= position))
  const [from, to] = [starts[task], starts[task + 1] ?? Infinity]
  const done = (position - from) / (to - from)
  return Math.max(slowest, rate * ease * done ** (1 - 1 / ease))
}

/** Lets the clock add to the steps that are due; a stall is not made up for. */
function accrue(now) {
  if (rate === Infinity) due = Infinity
  else {
    const steps = pace()
    due = Math.min(due + ((now - clockMs) / 1000) * steps, Math.max(1, steps * burstS))
  }
  clockMs = now
}

function tick() {
  if (!playing) return
  const now = performance.now()
  accrue(now)
  let ended = false
  try {
    while (!ended && due >= 1 && performance.now() - now < sliceMs) {
      ended = train(Math.min(Math.floor(due), affordable()))
    }
    if (ended) playing = false
    if (!quiet || ended) sendFrame()
  } catch (error) {
    playing = false
    send({ type: 'failed', message: String(error?.message ?? error) })
  }
  if (!playing) return
  if (due >= 1) port2.postMessage(null)
  else setTimeout(tick, 4)
}

const handlers = {
  check({ id, document }) {
    send({ type: 'checked', id, faults: engine.check(document) })
  },
  open({ id, run: next, document }) {
    const faults = engine.check(document)
    if (faults.length) return send({ type: 'refused', id, faults })
    let opened
    try {
      opened = engine.open(document)
    } catch (error) {
      return send({ type: 'refused', id, faults: String(error.message).split('\n') })
    }
    session?.close()
    session = opened
    run = next
    playing = inFlight = changed = false
    stepMs = 0
    const described = session.describe()
    starts = [0, ...described.boundaries]
    position = 0
    const snapshot = session.snapshot()
    send({ type: 'opened', id, described, snapshot })
  },
  play(message) {
    if (message.run !== run) return
    rate = message.rate
    quiet = message.quiet
    due = 0
    if (playing) return
    playing = true
    clockMs = performance.now()
    port2.postMessage(null)
  },
  pause() {
    playing = false
  },
  step(message) {
    if (message.run !== run) return
    playing = false
    train(message.count)
    sendFrame()
  },
  acknowledge(message) {
    if (message.run !== run) return
    inFlight = false
    if (!quiet || !playing) sendFrame()
  },
  alter({ id, run: of, learner, key, value }) {
    if (of !== run) return send({ type: 'altered', id, faults: [], experiment: null })
    const faults = session.alter(learner, key, value)
    changed = true
    send({ type: 'altered', id, faults, experiment: session.describe().experiment })
    if (!playing) sendFrame()
  },
}

const waiting = []
self.onmessage = ({ data }) => {
  if (!engine) return waiting.push(data)
  try {
    handlers[/** @type {Request} */ (data).type](data)
  } catch (error) {
    send({ type: 'failed', message: String(error?.message ?? error) })
  }
}

createEngine().then(
  (created) => {
    engine = created
    send({ type: 'ready', catalogue: engine.catalogue() })
    for (const data of waiting.splice(0)) self.onmessage({ data })
  },
  (error) => send({ type: 'failed', message: String(error?.message ?? error) }),
)
