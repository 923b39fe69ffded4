// The public interface of the WebAssembly engine, an ES module without dependencies once web/engine.mjs
// has put in the compiled bindings.cpp and what unpacks it. Documents are plain objects; results hold
// typed arrays, which are copies, never views of the growing memory.
import packed from 'palimpsest:wasm' // first: beside it, deflate would have one code for both
import { decompress } from 'lzma1'
import { merge } from './streams.mjs'

const deepest = 32

// What a document is made of, as bindings.cpp has it: each value is its kind and a count in 32 bits
// each, then the elements, from eight bytes to eight bytes.
const [NULL, NO, YES, NUMBER, TEXT, NUMBERS, FLOATS, ARRAY, OBJECT] = Array(9).keys()

const isList = (value) => ArrayBuffer.isView(value) ||
  (Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === 'number'))

/** Writes a value as the engine reads it, as typed arrays one after the other. */
function write(value, parts, depth = 0) {
  if (depth > deepest) throw new Error(`the document: must not be nested more than ${deepest} levels deep`)
  const put = (kind, count = 0, elements = []) => parts.push(Uint32Array.of(kind, count), elements)
  if (value === true) put(YES)
  else if (value === false) put(NO)
  else if (typeof value === 'number') put(NUMBER, 1, Float64Array.of(value))
  else if (typeof value === 'string') {
    const bytes = new TextEncoder().encode(value)
    put(TEXT, bytes.length, bytes)
  } else if (isList(value)) put(value.length ? NUMBERS : ARRAY, value.length, Float64Array.from(value))
  else if (Array.isArray(value)) {
    put(ARRAY, value.length)
    for (const element of value) write(element, parts, depth + 1)
  } else if (value && typeof value === 'object') {
    const members = Object.entries(value)
    put(OBJECT, members.length)
    for (const [key, member] of members) {
      write(key, parts, depth)
      write(member, parts, depth + 1)
    }
  } else put(NULL)
}

/** Reads a value that the engine has written. */
class Answer {
  #buffer
  #at

  constructor(buffer, address) {
    this.#buffer = buffer
    this.#at = address
  }

  #take(Elements, count) {
    const begin = this.#at
    this.#at += Math.ceil(count * Elements.BYTES_PER_ELEMENT / 8) * 8
    return new Elements(this.#buffer, begin, count)
  }

  read() {
    const [kind, count] = this.#take(Uint32Array, 2)
    switch (kind) {
      case NULL: return null
      case NO: return false
      case YES: return true
      case NUMBER: return this.#take(Float64Array, 1)[0]
      case TEXT: return new TextDecoder().decode(this.#take(Uint8Array, count))
      case NUMBERS: return this.#take(Float64Array, count).slice()
      case FLOATS: return this.#take(Float32Array, count).slice()
      case ARRAY: return Array.from({ length: count }, () => this.read())
      case OBJECT: return Object.fromEntries(Array.from({ length: count }, () => [this.read(), this.read()]))
    }
  }
}

/** The compiled engine: a question, where there is one, goes in before the call, a value comes out. */
class Module {
  #exports

  constructor(exports) {
    this.#exports = exports
    exports._initialize()
  }

  ask(question) {
    const parts = []
    write(question, parts)
    const places = parts.map(({ BYTES_PER_ELEMENT: bytes = 0, length }) => Math.ceil(length * bytes / 8))
    let at = this.#exports.room(places.reduce((sum, place) => sum + place, 0))
    for (const [i, part] of parts.entries()) {
      if (places[i]) new part.constructor(this.#exports.memory.buffer, at, part.length).set(part)
      at += 8 * places[i]
    }
    return this
  }

  /** A number from the engine. */
  number(name, ...given) {
    return this.#exports[name](...given)
  }

  /** A value from the engine. */
  value(name, ...given) {
    const address = this.number(name, ...given)
    return new Answer(this.#exports.memory.buffer, address).read()
  }
}

// A document that JSON.stringify writes as it was read: lists in place of typed arrays.
function toDocument(value) {
  if (ArrayBuffer.isView(value)) return Array.from(value)
  if (Array.isArray(value)) return value.map(toDocument)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toDocument(member)]))
}

function answerOf({ faults, answer }) {
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return answer
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

  // What a λ of another code base is here, and back: { from, to, method, value, … }.
  lambda(question) {
    return answerOf(this.#module.ask(question).value('lambda'))
  }
}

let compiled // once for all engines of a thread

export async function createEngine(given) {
  compiled ??= given ?? WebAssembly.compile(merge(decompress(packed)))
  const module = await compiled
  const imports = {}
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {}
    imports[from][name] = () => {
      if (name !== 'emscripten_notify_memory_growth') throw new Error(`the engine came to ${name}`)
    }
  }
  const { exports } = await WebAssembly.instantiate(module, imports)
  return new Engine(new Module(exports), module)
}
