// The page's state, as one object, and everything that may be done to it. Views read `lab.state`
// and call its methods; only the lab talks to the client.
import { oneFile } from './crew.js'
import { addMethod, forked, needsPack, optimizerOf, removeMethod, setIn, setParameter, setTraining, settled } from './experiment.js'
import { History } from './history.js'
import { chapterIn, fromFragment, toFragment } from './link.js'
import { milestonesOf } from './milestones.js'
import { Pace } from './pace.js'
import { recordedOf } from './past.js'
import { loadPresets, presetNamed, presets } from './presets.js'
import { strings } from './strings.js'

/** @import { Client } from './client.js' */
/** @import { Catalogue, Description, Document, Snapshot } from './messages.js' */

/**
 * @typedef {object} State
 * @property {Catalogue | null} catalogue
 * @property {Document} experiment  as edited; the run's own, with defaults, is described.experiment
 * @property {string | null} preset  the chapter, null for the reader's own experiment
 * @property {boolean} changed  since the chapter was opened
 * @property {Description | null} described
 * @property {Snapshot | null} snapshot  what is shown
 * @property {Snapshot | null} live  where the training stands; snapshot is another after rewinding
 * @property {number | null} seeking  the moment that is being rewound to
 * @property {number | null} replaying  how far the run is trained again that will take the place of the one shown
 * @property {boolean} canUndo
 * @property {boolean} canRedo
 * @property {boolean} playing
 * @property {boolean} quiet  runs to the end without animation
 * @property {number} speed  index into `speeds`
 * @property {boolean} reducedMotion
 * @property {'loss' | 'accuracy'} measure  what curves and numbers show, where there is a choice
 * @property {number} panelTask  the one of many tasks whose curves are shown
 * @property {{acting?: number, inside?: number}} chosen  the learner that a part of the page is about, where one has been chosen
 * @property {{title: string, items: string[]}[]} notices
 * @property {string[]} refused  faults of the last edit
 * @property {{learner: number, key: string, value: any}[]} altering  what the training has not yet taken over
 * @property {string[]} milestones  what has happened in this run
 * @property {Set<string>} opened  keys of the tables that are open
 * @property {object | null} studies  what is made of whole runs, once it is asked for: see studies.js
 * @property {object | null} digits  the part of the page that is about digits, once it is here
 * @property {{document: Document, keepPaused: boolean, oneFile: boolean, loaded?: number, total?: number, fault?: string} | null} pack
 *   the experiment that waits for digits.pack, the bytes that have come, and why they do not
 * @property {string} fragment  the link to this experiment, "#" included
 */

/** Times the pace at which a whole run takes `storySeconds`. */
export const speeds = [0.25, 0.5, 1, 2, 4, Infinity]
const normalSpeed = 2
const storySeconds = 15
const isStudy = (key) => key === 'seeds' || key === 'slice' || key in strings.studies
const approachFrames = 20 // of a run that is trained again, on its progress
const alterDelayMs = 60 // of a moving slider, only now and then a value is taken over
const editDelayMs = 150 // typing settles before the run starts over

/** A chapter stays the chapter with another seed, or with what its story asks to change by hand. */
const essence = ({ seed, alterations, ...rest }) => JSON.stringify(rest)
const chapterOf = (document) =>
  presets.find(({ experiment }) => experiment && essence(experiment) === essence(document))?.name ?? null

/** With other methods or settings it is still of the chapter that it came from, as long as the tasks are its own. */
const hasTasksOf = (name, { tasks }) => JSON.stringify(presetNamed(name)?.experiment?.tasks) === JSON.stringify(tasks)

export class Lab extends EventTarget {
  /** @type {State} */
  state = {
    catalogue: null,
    experiment: presets[0].experiment,
    preset: presets[0].name,
    changed: false,
    described: null,
    snapshot: null,
    live: null,
    seeking: null,
    replaying: null,
    canUndo: false,
    canRedo: false,
    playing: false,
    quiet: false,
    speed: normalSpeed,
    reducedMotion: false,
    measure: 'accuracy',
    panelTask: 0,
    chosen: {},
    notices: [],
    refused: [],
    altering: [],
    milestones: [],
    opened: new Set(),
    studies: null,
    digits: null,
    pack: null,
    fragment: '',
  }

  #client
  #address
  #translated
  #editTimer = null // of an edit that is not opened yet
  #history = new History()
  #turn = 0 // of rewinding or replaying; another way through time ends it
  #sought = Promise.resolve() // once no earlier moment is sought any more
  /** @type {{document: Document, keepPaused: boolean, described: Description, to: number} | null} */
  #coming = null // the run that is trained again, until it is where it is to go on
  #opening = null // the document that is being opened, until the engine has answered
  #openings = 0 // of addresses and chapters
  #at = '' // the address when it was last read or written
  #isNew = false // whether the next link has a place of its own in the browser's history
  #attempts = 0 // to open an experiment
  #visible = true
  #studies = null
  #waiting = new Set() // to be altered
  #origins = new WeakMap() // the chapter that a changed document came from
  #drawn = () => Promise.resolve()

  /**
   * @param {Client} client
   * @param {{read(): string, write(fragment: string, isNew?: boolean): void}} address
   * @param {boolean} reducedMotion
   * @param {(catalogue: Catalogue) => Catalogue} [translated]
   */
  constructor(client, address, reducedMotion, translated = (catalogue) => catalogue) {
    super()
    this.#client = client
    this.#address = address
    this.#translated = translated
    this.state.reducedMotion = reducedMotion
    client.onframe = (snapshot) => this.#frame(snapshot)
    client.onfailure = (message) => this.#failed(message)
  }

  /** @param {() => Promise<void>} drawn  resolves once the state has been drawn */
  async start(drawn) {
    this.#drawn = drawn
    this.#client.ready().then((catalogue) => this.#set({ catalogue: this.#translated(catalogue) }))
    await this.openAddress()
  }

  #set(change) {
    this.state = { ...this.state, ...change }
    this.dispatchEvent(new Event('change'))
  }

  #failed(message) {
    if (this.state.notices.some(({ items }) => items.includes(message))) return // of another engine
    const title = this.state.described ? strings.engineStopped : strings.engineFailed
    const items = this.state.described ? [message] : [message, strings.engineFailedHint]
    this.#set({ playing: false, notices: [...this.state.notices, { title, items }] })
  }

  async #frame(snapshot) {
    if (this.#coming) return this.#approach(snapshot)
    const { described, live: before, milestones } = this.state
    const news = milestonesOf(before, snapshot, described, this.state.catalogue)
    const playing = this.state.playing && (this.rewound || !snapshot.finished)
    this.#set({
      live: snapshot,
      snapshot: this.rewound ? this.state.snapshot : snapshot,
      playing,
      quiet: this.state.quiet && playing,
      milestones: news.length ? [...milestones, ...news] : milestones,
    })
    await this.#drawn()
  }

  // Opening

  async openAddress() {
    const opening = ++this.#openings
    const fragment = this.#at = this.#address.read()
    let document = null
    let fault = ''
    try {
      document = await fromFragment(fragment, (name) => this.#experimentOf(name))
      if (document) await loadPresets().catch(() => {}) // to tell whether it is one of them
    } catch (error) {
      fault = error.message
    }
    if (opening !== this.#openings) return
    this.#set({ notices: this.state.notices.filter(({ title }) => title !== strings.linkFaults) }) // of another link
    if (fault) return this.#openDefault([fault])
    if (document) this.#stem(document, chapterIn(fragment))
    if (!document) return this.choosePreset(presets[0].name, false)
    const faults = await this.#open(document)
    if (faults.length) return this.#openDefault(faults)
  }

  #openDefault(faults) {
    this.#notify(strings.linkFaults, faults)
    this.#set({ refused: [] })
    return this.choosePreset(presets[0].name, false)
  }

  /** In the place of what was said under the same title before. */
  #notify(title, items) {
    this.#set({ notices: [...this.state.notices.filter((notice) => notice.title !== title), { title, items }] })
  }

  async #link(document) {
    const { preset, changed } = this.state
    const fragment = await toFragment(document, changed ? preset : null)
    if (document !== this.state.experiment) return
    this.#set({ fragment })
    if (this.#address.read() !== this.#at) return // the reader has gone elsewhere, which is opened next
    this.#address.write(fragment, this.#isNew && fragment !== this.#at)
    this.#at = this.#address.read()
    this.#isNew = false
  }

  /** @param {boolean} [isNew]  chosen by the reader, who may go back to what was there */
  async choosePreset(name, isNew = true) {
    const opening = ++this.#openings
    try {
      const experiment = await this.#experimentOf(name)
      if (opening !== this.#openings) return
      this.#isNew = isNew
      await this.#open(experiment)
    } catch (error) {
      this.#notify(strings.notLoaded, [error.message])
    }
  }

  async #experimentOf(name) {
    const preset = presetNamed(name)
    if (preset && !preset.experiment) await loadPresets()
    return preset?.experiment
  }

  /** Whether the experiment may be opened now; one of digits waits for them, unless it is overtaken. */
  async #hasImages(document, keepPaused) {
    const attempt = ++this.#attempts
    const waits = () => needsPack(document, this.state.catalogue) && !this.#client.hasImages
    await this.#client.ready()
    if (attempt === this.#attempts && waits()) {
      this.#client.pause()
      this.#set({ experiment: document, ...this.#placeOf(document), playing: false, quiet: false, pack: { document, keepPaused, oneFile } })
      const digits = await import('./digits/digits.js')
      this.#set({ digits })
      await digits.fetchPack(this)
    }
    return attempt === this.#attempts && !waits()
  }

  /** How far the digits are that an experiment waits for. */
  setPack(change) {
    if (this.state.pack) this.#set({ pack: { ...this.state.pack, ...change } })
  }

  /** @param {Uint8Array} bytes  digits.pack @returns {Promise<string>} what is wrong with them, or '' */
  givePack(bytes) {
    return this.#client.images(bytes)
  }

  /** Opens the experiment that waits for the digits. */
  async openWaiting() {
    const { document, keepPaused } = this.state.pack ?? {}
    if (document) await this.#open(document, keepPaused)
  }

  /**
   * @param {number} [to]  the step from which it goes on; until it is there, the run before stays in sight
   * @returns {Promise<string[]>} the faults; where there are any, the run before stays.
   */
  async #open(document, keepPaused = false, to = 0) {
    clearTimeout(this.#editTimer)
    this.#editTimer = null
    this.#opening = document
    const reply = (await this.#hasImages(document, keepPaused)) && await this.#client.open(document)
    if (this.#opening === document) this.#opening = null
    if (!reply) return []
    if (reply.faults) {
      this.#set({ refused: reply.faults, pack: null, canUndo: true })
      return reply.faults
    }
    this.#turn++
    const coming = { document, keepPaused, described: reply.described, to }
    if (!to) this.#adopt(coming, reply.snapshot)
    else {
      this.#coming = coming
      this.#set({ seeking: null, playing: !keepPaused, replaying: 0, refused: [], pack: null })
      this.#client.step(Math.ceil(to / approachFrames))
    }
    return []
  }

  async #approach(snapshot) {
    const coming = this.#coming
    if (this.state.pack) return // another experiment waits to take its place
    if (snapshot.step >= coming.to) return this.#adopt(coming, snapshot)
    this.#set({ replaying: snapshot.step })
    await this.#drawn()
    if (coming === this.#coming) this.#client.step(Math.min(coming.to - snapshot.step, Math.ceil(coming.to / approachFrames)))
  }

  /** What has been opened takes the place of the run before. */
  #adopt({ document, keepPaused, described }, snapshot) {
    this.#coming = null
    this.#history.record(document, performance.now())
    const isEdited = this.#editTimer !== null || this.#opening !== null // since then; that is opened next
    const experiment = isEdited ? this.state.experiment : document
    this.#set({
      experiment, ...this.#placeOf(experiment), described, snapshot, live: snapshot, seeking: null, replaying: null, refused: [], pack: null,
      altering: [], milestones: milestonesOf(null, snapshot, described, this.state.catalogue), playing: false, quiet: false, ...this.#undoable,
    })
    this.#link(document)
    if (!keepPaused && !snapshot.finished) this.#play(this.state.reducedMotion)
  }

  // Time

  get #rate() {
    return (speeds[this.state.speed] * this.state.described.steps) / storySeconds
  }

  #play(quiet = false) {
    this.#set({ playing: true, quiet })
    this.#resume()
  }

  #resume() {
    if (!this.#visible || !this.state.playing || this.#coming) return
    if (this.rewound) return this.#replay()
    const { quiet } = this.state
    this.#client.play(quiet ? Infinity : this.#rate, quiet)
  }

  /** From the moment that is shown; a run at its end starts over. */
  async play() {
    await this.#sought
    const { live, experiment } = this.state
    if (!live) return
    if (this.#coming) return this.#intend(true)
    if (live.finished && !this.rewound && (await this.#open(experiment, true)).length) return
    this.#play()
  }

  /** Goes through what was recorded, up to now, and on from there. */
  async #replay() {
    const turn = ++this.#turn
    const pace = new Pace(this.state.described.boundaries)
    pace.start(this.#rate, performance.now())
    for (let position = this.state.snapshot.step; this.#visible && this.state.playing;) {
      const due = pace.due(position, performance.now())
      pace.done(due)
      position += due
      const { live, snapshot } = this.state
      if (position >= live.step) {
        this.now()
        return live.finished ? this.pause() : this.#resume()
      }
      const at = recordedOf(live).findLast((step) => step <= position)
      const shown = at > snapshot.step ? await this.#client.rewind(at, live) : snapshot
      if (turn !== this.#turn || !shown) return
      if (shown !== snapshot) this.#set({ snapshot: shown })
      await this.#drawn()
      if (turn !== this.#turn) return
    }
  }

  /** What a run does that is trained again, once it is where it is to go on. */
  #intend(playing) {
    this.#coming.keepPaused = !playing
    this.#set({ playing })
  }

  pause() {
    if (this.#coming) return this.#intend(false)
    this.#client.pause()
    this.#set({ playing: false, quiet: false })
  }

  /** How many steps "forward" takes: to the next recorded point. */
  get stride() {
    return this.state.described?.experiment.record?.every || 50
  }

  step() {
    if (this.#coming) return
    if (this.rewound) return this.rewind(this.state.snapshot.step + 1)
    this.#client.step(this.stride)
    this.#set({ playing: false, quiet: false })
  }

  async reset() {
    const { playing, experiment } = this.state
    await this.#open(experiment, true)
    if (playing) this.#play()
  }

  newSeed() {
    const { experiment, described } = this.state
    const seed = ((experiment.seed ?? described?.experiment.seed ?? 0) % 1_000_000) + 1
    this.edit(setIn(experiment, ['seed'], seed), 0)
  }

  setSpeed(speed) {
    this.#set({ speed })
    this.#resume()
  }

  /** A hidden page trains no further; it goes on where it was. */
  setVisible(visible) {
    this.#visible = visible
    this.#studies?.hold(!visible)
    if (visible) this.#resume()
    else this.#client.pause()
  }

  // Earlier moments

  /** Whether an earlier moment is shown than that at which the training stands. */
  get rewound() {
    return this.state.snapshot !== this.state.live
  }

  /** Shows the recorded moment at this step, or the next one in the direction of it. */
  rewind(to) {
    const { live, seeking, snapshot, playing } = this.state
    if (this.#coming) return
    if (playing) this.pause()
    const recorded = recordedOf(live)
    const at = to > (seeking ?? snapshot.step) ? recorded.find((step) => step >= to) : recorded.findLast((step) => step <= to)
    if (at === undefined || at >= live.step) return this.now()
    this.#set({ seeking: at })
    if (seeking === null) this.#sought = this.#seek() // else the one under way goes on to this
  }

  async #seek() {
    const turn = ++this.#turn
    while (this.state.seeking !== null) {
      const wanted = this.state.seeking
      const shown = await this.#client.rewind(wanted, this.state.live)
      if (turn !== this.#turn || !shown) return
      if (this.state.seeking === wanted) this.#set({ seeking: null, snapshot: shown })
    }
  }

  /** Back to where the training stands. */
  now() {
    this.#turn++
    this.#set({ seeking: null, snapshot: this.state.live })
  }

  /**
   * The learner once more, another from the moment that is shown, and from there on all are trained again.
   * @param {{kind: string, key?: string, value?: any}} change  the method, and its parameter's value
   */
  fork(learner, change) {
    const { experiment, snapshot } = this.state
    return this.#open(this.#stem(forked(experiment, learner, snapshot.step, change)), false, snapshot.step)
  }

  // The experiment

  /** Of a document that one of a chapter was changed to. */
  #stem(document, chapter = this.state.preset) {
    if (hasTasksOf(chapter, document)) this.#origins.set(document, chapter)
    return document
  }

  /** Its chapter, and whether it has been changed since. */
  #placeOf(document) {
    const preset = chapterOf(document)
    return { preset: preset ?? this.#origins.get(document) ?? null, changed: !preset }
  }

  get #undoable() {
    return { canUndo: this.#history.canUndo, canRedo: this.#history.canRedo }
  }

  /** A refused change is undone by the experiment that still runs, where it stands. */
  undo() {
    if (this.#coming) return
    this.#set({ altering: [] })
    const { current } = this.#history
    if (this.state.refused.length && this.state.experiment !== current) {
      clearTimeout(this.#editTimer)
      this.#editTimer = null
      return this.#set({ experiment: current, ...this.#placeOf(current), refused: [], ...this.#undoable })
    }
    return this.#return(this.state.experiment === current ? this.#history.undo() : current)
  }

  redo() {
    if (this.#coming) return
    return this.#return(this.#history.redo())
  }

  /** To another experiment of the history; where only methods differ, to the same step of it. */
  async #return(document) {
    const { experiment, live, playing } = this.state
    if (!document || document === experiment) return
    const whole = ({ alterations, methods, ...rest }) => JSON.stringify(rest)
    await this.#open(document, !playing, whole(document) === whole(experiment) ? live.step : 0)
  }

  /** Goes on with another document, from its start or a later step, unless the engine refuses it. */
  edit(document, delayMs = editDelayMs, to = 0) {
    const { playing, live } = this.state
    this.#stem(document)
    this.#set({ experiment: document, ...this.#placeOf(document) })
    clearTimeout(this.#editTimer)
    const paused = Boolean(live) && !playing && !live.finished
    this.#editTimer = setTimeout(() => this.#open(document, paused, to), delayMs)
  }

  /** What was altered by hand is in force from the start: a training of another length may end before its step. */
  get #ofAnyLength() {
    return settled(this.state.experiment, Infinity)
  }

  setParameter(path, value) {
    this.edit(setParameter(path[0] === 'tasks' ? this.#ofAnyLength : this.state.experiment, path, value))
  }

  setTraining(key, value) {
    this.edit(setTraining(this.#ofAnyLength, key, value))
  }

  /** The reader's own tasks. @param {boolean} [play]  even if the training rests */
  setTasks(tasks, play = false) {
    if (play) this.#set({ playing: true })
    this.edit(setIn(this.#ofAnyLength, ['tasks'], tasks), 0)
  }

  addMethod(kind) {
    this.edit(addMethod(this.state.experiment, kind), 0, this.state.live?.step)
  }

  removeMethod(index) {
    const without = (learner) => (learner === index ? undefined : learner > index ? learner - 1 : learner)
    const { acting, inside } = this.state.chosen
    this.#set({ chosen: { acting: without(acting), inside: without(inside) } })
    this.edit(removeMethod(this.state.experiment, index), 0, this.state.live?.step)
  }

  /** A live parameter: taken over by the run where it stands, else the run starts over. */
  alter(learner, key, value) {
    const { live } = this.state
    if (this.#coming || !live || live.finished || live.step === 0) {
      return this.setParameter(['methods', learner, key], value)
    }
    const name = `${learner} ${key}`
    const others = this.state.altering.filter((change) => name !== `${change.learner} ${change.key}`)
    this.#set({ altering: [...others, { learner, key, value }] })
    if (!this.#waiting.has(name)) setTimeout(() => this.#applyAlteration(name), alterDelayMs)
    this.#waiting.add(name)
  }

  async #applyAlteration(name) {
    this.#waiting.delete(name)
    const change = this.state.altering.find(({ learner, key }) => name === `${learner} ${key}`)
    if (!change) return
    const { learner, key, value } = change
    const reply = await this.#client.alter(learner, key, value)
    this.#set({ altering: this.state.altering.filter((other) => other !== change) }) // a later one stays
    if (reply.faults.length) return this.#set({ refused: reply.faults })
    if (!reply.experiment) return
    const { alterations } = reply.experiment
    const { described } = this.state
    const altered = this.#stem({ ...this.state.experiment, alterations })
    this.#history.record(altered, performance.now(), name)
    this.#set({
      experiment: altered, described: { ...described, experiment: { ...described.experiment, alterations } }, refused: [], ...this.#undoable,
    })
    this.#link(altered)
  }

  /** One learner's weights and the springs on them at the moment that is shown; null where the run has changed meanwhile. */
  inside(learner, most) {
    const { snapshot, live } = this.state
    if (this.#coming) return null
    return this.#client.inside(learner, most, this.rewound ? { at: snapshot.step, live } : null)
  }

  /** What was altered by hand becomes part of the experiment from its first step. */
  keepAltered() {
    this.edit(settled(this.state.experiment, this.state.live.step), 0)
  }

  lowerRate(learner) {
    const optimizer = optimizerOf(this.state.described.experiment, learner)
    const lower = { ...optimizer, learning_rate: lowerRateOf(optimizer) }
    this.edit(setIn(this.state.experiment, ['methods', learner, 'training', 'optimizer'], lower), 0)
  }

  // To take along

  /** The result of what has been trained so far, as `palimpsest run` gives it. */
  result() {
    return this.#client.result()
  }

  firstParameters() {
    return this.#client.firstParameters(this.state.described.experiment)
  }

  // The page itself

  /** The keys of the tables that are open. */
  get opened() {
    return this.state.opened
  }

  setOpened(key, open) {
    if (this.opened.has(key) === open) return
    const opened = new Set(this.opened)
    if (open) opened.add(key)
    else opened.delete(key)
    this.#set({ opened })
    if (open && isStudy(key)) this.#study()
  }

  async #study() {
    const { Studies } = await import('./more.js')
    this.#studies ??= new Studies(this, this.#client.hands(), (studies) => this.#set({ studies }))
    this.#studies.hold(!this.#visible)
  }

  /** Tries a learner's strength from weak to strong; null stops. */
  sweep(learner) {
    this.#studies.sweep(learner)
  }

  setMeasure(measure) {
    this.#set({ measure })
  }

  setPanelTask(panelTask) {
    this.#set({ panelTask })
  }

  /** @param {'acting' | 'inside'} part @param {number} learner */
  choose(part, learner) {
    this.#set({ chosen: { ...this.state.chosen, [part]: learner } })
  }

  dismiss(index) {
    this.#set({ notices: this.state.notices.filter((_, at) => at !== index) })
  }
}

export const lowerRateOf = (optimizer) => Number((optimizer.learning_rate / 10).toPrecision(3))
