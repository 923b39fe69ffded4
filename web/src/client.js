// The page's end of the workers. All train in lockstep: a round sends each of them to the same step,
// a frame joins what they show there, and one frame is in flight at a time.
import { enginesFor, Hand } from './crew.js'
import { Pace } from './pace.js'
import { recordedOf, snapshotAt } from './past.js'
import { deal, joinDescriptions, joinDocuments, joinResults, joinSnapshots, shareOf } from './shares.js'

/** @import { Catalogue, Description, Document, Reached, Report, Snapshot } from './messages.js' */

const roundMs = 10 // of training in a round
const ahead = 3 // rounds under way, so that no engine waits while the page draws
const tickMs = 12 // between two rounds that the clock keeps small
const frameMs = 24 // between two frames, at least: a snapshot costs as much as some steps
const snapshotShare = 5 // and at least so many times as long as a snapshot takes

export class Client {
  /** @type {(snapshot: Snapshot) => Promise<void> | void} */
  onframe = () => {}
  /** @type {(message: string) => void} */
  onfailure = () => {}

  #mostEngines
  /** @type {Hand[]} */
  #hands = []
  #module // compiled once, by the first
  #failed = false // said already
  #ready
  #becomeReady
  #openings = 0
  #run = 0
  #shares = []
  #documents = [] // of each engine, defaults filled in
  #steps = 0
  #issued = 0 // the step to which the last round goes
  /** @type {{to: number, show: boolean, reports: Reached[], missing: number}[]} */
  #rounds = []
  #stepMs = [] // smoothed cost of one step, of each engine
  #snapshotMs = 0
  #pace = new Pace([])
  #playing = false
  #quiet = false
  #timer = 0
  #images = null // digits.pack, for every engine
  #inFlight = false
  #shownMs = 0
  #sentMs = 0
  #changed = false // since the last frame

  /** @param {number} [mostEngines] */
  constructor(mostEngines) {
    this.#mostEngines = mostEngines
    this.#ready = new Promise((resolve) => (this.#becomeReady = resolve))
    this.#hire(1)
  }

  /** @returns {Promise<Catalogue>} */
  ready() {
    return this.#ready
  }

  /** @returns {boolean} whether there are so many */
  #hire(count) {
    try {
      while (this.#hands.length < count) {
        const index = this.#hands.length
        this.#hands.push(new Hand((report) => this.#receive(index, report), this.#module))
        this.#giveImages(this.#hands[index])
      }
      return true
    } catch (error) {
      queueMicrotask(() => this.#fail(String(error.message ?? error)))
      return false
    }
  }

  #giveImages(hand) {
    return this.#images && hand.ask({ type: 'images', bytes: this.#images })
  }

  get hasImages() {
    return this.#images !== null
  }

  /**
   * Gives digits.pack to every engine, those to come as well.
   * @param {Uint8Array} bytes @returns {Promise<string>} what is wrong with them, or ''
   */
  async images(bytes) {
    const { fault } = await this.#hands[0].ask({ type: 'images', bytes })
    if (fault) return fault
    this.#images = bytes
    for (const hand of this.#hands.slice(1)) this.#giveImages(hand)
    return ''
  }

  #fail(message) {
    this.#playing = false
    if (this.#failed) return
    this.#failed = true
    this.onfailure(message)
  }

  /**
   * @param {Document} document
   * @returns {Promise<{described: Description, snapshot: Snapshot} | {faults: string[]} | null>}
   *   null where a later call has overtaken this one; with faults, the run before goes on
   */
  async open(document) {
    if (!this.#hands.length) return null
    const opening = ++this.#openings
    const { faults } = await this.#hands[0].ask({ type: 'check', document })
    if (opening !== this.#openings) return null
    if (faults.length) return { faults }
    const run = this.#begin(document.methods.length)
    if (!run) return null
    const replies = await Promise.all(this.#shares.map((share, at) =>
      this.#hands[at].ask({ type: 'open', run, document: shareOf(document, share) })))
    if (opening !== this.#openings) return null
    const described = joinDescriptions(replies.map(({ described }) => described), this.#shares)
    this.#documents = replies.map(({ described }) => described.experiment)
    this.#steps = described.steps
    this.#pace = new Pace(described.boundaries)
    return { described, snapshot: joinSnapshots(replies.map(({ snapshot }) => snapshot), this.#shares) }
  }

  #begin(learners) {
    const engines = enginesFor(learners, this.#mostEngines)
    if (!this.#hire(engines)) return 0
    this.#shares = deal(learners, engines)
    for (const hand of this.#hands.slice(engines)) hand.send({ type: 'close' })
    this.#playing = this.#inFlight = this.#changed = this.#failed = false
    this.#issued = this.#steps = 0
    this.#rounds = []
    this.#stepMs = this.#shares.map(() => 0)
    this.#snapshotMs = 0
    return ++this.#run
  }

  /** @param {number} rate steps a second @param {boolean} quiet only the last frame */
  play(rate, quiet = false) {
    this.#quiet = quiet
    this.#pace.start(rate, performance.now())
    this.#playing = true
    this.#drive()
  }

  pause() {
    this.#playing = false
    this.#drive()
  }

  /** @param {number} count */
  step(count) {
    this.#playing = false
    if (this.#issued < this.#steps) this.#send(Math.min(this.#issued + count, this.#steps))
  }

  /** @returns {Promise<{faults: string[], experiment: Document | null}>} */
  async alter(learner, key, value) {
    const run = this.#run
    const engine = this.#shares.findIndex((share) => share.includes(learner))
    const own = this.#shares[engine].indexOf(learner)
    const reply = await this.#hands[engine].ask({ type: 'alter', run, learner: own, key, value })
    if (run !== this.#run || !reply.experiment) return { faults: [], experiment: null }
    this.#documents[engine] = reply.experiment
    this.#changed = true
    this.#drive()
    return { faults: reply.faults, experiment: joinDocuments(this.#documents, this.#shares) }
  }

  /** What every view showed at a recorded step. @returns {Promise<Snapshot | null>} null: too late */
  async rewind(at, live) {
    const run = this.#run
    const recorded = recordedOf(live)
    const replies = await Promise.all(this.#shares.map((_, engine) =>
      this.#hands[engine].ask({ type: 'rewind', run, at, recorded })))
    if (run !== this.#run) return null
    return snapshotAt(joinSnapshots(replies.map(({ moment }) => moment), this.#shares), live)
  }

  /** The result as `palimpsest run` gives it, of all that has been trained so far. */
  async result() {
    const [shares, experiment] = [this.#shares, joinDocuments(this.#documents, this.#shares)]
    const replies = await Promise.all(shares.map((_, at) => this.#hands[at].ask({ type: 'result' })))
    const joined = joinResults(replies.map(({ result }) => result), experiment, shares)
    const digests = joined.learners.map(({ digest }) => digest)
    const { digest } = await this.#hands[0].ask({ type: 'digest', digests })
    return { ...joined, digest }
  }

  /** The parameters with which every learner begins. @param {Document} document */
  async firstParameters(document) {
    return (await this.#hands[0].ask({ type: 'start', document })).parameters
  }

  /** As many as can work at once. */
  hands() {
    this.#hire(enginesFor(Infinity))
    return this.#hands
  }

  /**
   * What the learner's engine has of it now, or at a recorded step; null where another run has begun.
   * @param {{at: number, live: Snapshot} | null} then
   */
  async inside(learner, most, then) {
    const run = this.#run
    const engine = this.#shares.findIndex((share) => share.includes(learner))
    const own = this.#shares[engine].indexOf(learner)
    const { inside } = await this.#hands[engine].ask(then
      ? { type: 'rewind', run, at: then.at, recorded: recordedOf(then.live), most } : { type: 'inside', run, learner: own, most })
    return run === this.#run ? (then ? inside[own] : inside) : null
  }

  // Rounds

  /** Whether the next round may bring a frame. */
  get #free() {
    const interval = Math.max(frameMs, snapshotShare * this.#snapshotMs)
    return !this.#inFlight && (!this.#playing || performance.now() - this.#shownMs >= interval)
  }

  #send(to, show = this.#free && (!this.#quiet || !this.#playing || to === this.#steps)) {
    this.#issued = to
    this.#rounds.push({ to, show, reports: [], missing: this.#shares.length })
    this.#sentMs = performance.now()
    this.#changed = !show
    if (show) {
      this.#inFlight = true
      this.#shownMs = this.#sentMs
    }
    for (const at of this.#shares.keys()) {
      this.#hands[at].send({ type: 'advance', run: this.#run, to, show })
    }
  }

  /** How many steps the slowest engine does in a round; one, until a step has been timed. */
  get #affordable() {
    const slowest = Math.max(...this.#stepMs)
    return Math.max(1, slowest ? Math.floor(roundMs / slowest) : 1)
  }

  /** Sends as many rounds as are due; when all is done, shows how it ended. */
  #drive() {
    clearTimeout(this.#timer)
    while (this.#playing && this.#issued < this.#steps && this.#rounds.length < ahead) {
      const now = performance.now()
      const due = this.#pace.due(this.#issued, now)
      if (due < 1 || (due < this.#affordable && now - this.#sentMs < tickMs)) break
      const count = Math.min(due, this.#affordable, this.#steps - this.#issued)
      this.#pace.done(count)
      this.#send(this.#issued + count)
    }
    if (this.#issued === this.#steps) this.#playing = false
    if (this.#playing && this.#rounds.length < ahead) {
      this.#timer = setTimeout(() => this.#drive(), tickMs)
    }
    if (!this.#playing && this.#changed && !this.#rounds.length && this.#free) this.#send(this.#issued)
  }

  #receive(engine, /** @type {Report} */ report) {
    if (report.type === 'ready') return this.#becomeReady(report.catalogue)
    if (report.type === 'compiled') return void (this.#module = report.module)
    if (report.type === 'failed') return this.#fail(report.message)
    if (report.run !== this.#run) return
    if (report.steps) {
      const cost = report.ms / report.steps
      this.#stepMs[engine] = this.#stepMs[engine] ? 0.8 * this.#stepMs[engine] + 0.2 * cost : cost
    }
    const round = this.#rounds.find(({ reports }) => !reports[engine])
    round.reports[engine] = report
    if (--round.missing) return
    this.#rounds.shift()
    this.#drive()
    if (round.show) this.#show(round.reports)
  }

  /** @param {Reached[]} reports  one of each engine, at the same step */
  async #show(reports) {
    const run = this.#run
    this.#snapshotMs = Math.max(...reports.map(({ snapshotMs }) => snapshotMs))
    const snapshot = joinSnapshots(reports.map(({ snapshot }) => snapshot), this.#shares)
    if (snapshot.finished) {
      const digests = snapshot.learners.map(({ digest }) => digest)
      snapshot.digest = (await this.#hands[0].ask({ type: 'digest', digests })).digest
    }
    if (run !== this.#run) return
    await this.onframe(snapshot)
    if (run !== this.#run) return
    this.#inFlight = false
    this.#drive()
  }
}
