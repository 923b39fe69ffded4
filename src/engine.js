// The public interface of the WebAssembly engine, an ES module without dependencies once web/engine.mjs
// has put in the compiled bindings.cpp and what unpacks it. Documents are plain objects; results hold
// typed arrays, which are copies, never views of the growing memory.
import packed from 'palimpsest:wasm' // first: beside it, deflate would have one code for both
import { answerOf, compile, instantiate } from './exchange.js'

// A document that JSON.stringify writes as it was read: lists in place of typed arrays.
function toDocument(value) {
  if (ArrayBuffer.isView(value)) return Array.from(value)
  if (Array.isArray(value)) return value.map(toDocument)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toDocument(member)]))
}

class Session {
  #module
  #address

  constructor(module, address) {
    this.#module = module
    this.#address = address
  }

  get #open() {
    if (!this.#address) throw new Error('the session is closed')
    return this.#address
  }

  step(count) {
    return this.#module.number('step', this.#open, Math.max(count, 0))
  }

  // Changes a live parameter of one learner now; returns [] or the faults.
  alter(learner, key, value) {
    return this.#module.ask([String(key), value]).value('alter', this.#open, learner)
  }

  // What does not change while it runs: the filled-in document, the data, the boundaries.
  describe() {
    const facts = this.#module.value('describe', this.#open)
    return { ...facts, experiment: toDocument(facts.experiment) }
  }

  snapshot() {
    return this.#module.value('snapshot', this.#open)
  }

  // The weights of one learner with the springs on them, between at most `most` units of each layer.
  inside(learner, most) {
    return this.#module.value('inside', this.#open, learner, most)
  }

  // The loss on a task's test set at other parameters, as many as the network's and in their order.
  loss(task, parameters) {
    const loss = this.#module.ask(parameters).number('loss', this.#open, task)
    if (loss < 0) throw new Error('loss: there is no such task, or the parameters are not as many as the network’s')
    return loss
  }

  result() {
    const result = this.#module.value('result', this.#open)
    result.experiment = toDocument(result.experiment)
    for (const learner of result.learners) learner.method = toDocument(learner.method)
    return result
  }

  close() {
    if (this.#address) this.#module.number('close', this.#address)
    this.#address = 0
  }
}

class Engine {
  #module

  constructor(module, compiled) {
    this.#module = module
    this.compiled = compiled // a WebAssembly.Module, for another thread's createEngine
  }

  catalogue() {
    return toDocument(this.#module.value('catalogue'))
  }

  // Gives the images that documents name in tasks.data: a Uint8Array, or an ArrayBuffer, of what
  // tools/pack made. They stay. Throws one Error where a byte of them is missing or wrong.
  data(name, bytes) {
    const view = new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset ?? 0, bytes.byteLength)
    const faults = this.#module.ask([String(name), view]).value('data')
    if (faults.length > 0) throw new Error(faults.join('\n'))
  }

  // [] or a list of faults.
  check(document) {
    return this.#module.ask(document).value('check')
  }

  // Throws one Error with all the faults.
  open(document) {
    const { session, faults } = this.#module.ask(document).value('open')
    if (faults.length > 0) throw new Error(faults.join('\n'))
    return new Session(this.#module, session)
  }

  run(document) {
    const session = this.open(document)
    while (session.step(1000) > 0);
    const result = session.result()
    session.close()
    return result
  }

  // The digest of a run from those of its learners in their order, for hosts that train them apart.
  digest(learners) {
    return this.#module.ask(learners.map(String)).value('digest')
  }

  project(problem) {
    return answerOf(this.#module.ask(problem).value('project'))
  }
}

let compiled // once for all engines of a thread

export async function createEngine(given) {
  compiled ??= given ?? compile(packed)
  const module = await compiled
  return new Engine(await instantiate(module), module)
}
