// The public interface of the WebAssembly engine, an ES module without dependencies: tools/pack.py
// puts the compiled bindings.cpp in. Documents are plain objects; results hold typed arrays, which
// are copies, never views of the growing memory.
const wasm = 'WASM' // packed by LZMA, in base64
const size = 'SIZE' // of what is packed, in bytes

const deepest = 32

// Where the tables of LZMA's probabilities begin, for lc = 3, lp = 0, pb = 0.
const [isMatch, isRepeat, isNotLast, isNotSecond, isNotThird, isLong] = [0, 12, 24, 36, 48, 60]
const [slots, distances, low, lengths, repeatedLengths, literals] = [72, 328, 456, 472, 752, 1032]

/** Unpacks LZMA (I. Pavlov, LZMA specification, 2015, whose names of things are in brackets). */
function unpack(packed, size) {
  const chances = new Uint16Array(literals + (0x300 << 3)).fill(1 << 10) // of a 0, of 2048
  const out = new Uint8Array(size)
  const coder = Uint32Array.of(2 ** 32 - 1, new DataView(packed.buffer).getUint32(1)) // range, code
  let at = 5
  const normalize = () => {
    if (coder[0] >= 2 ** 24) return
    coder[0] <<= 8
    coder[1] = coder[1] << 8 | packed[at++]
  }
  const bit = (i) => { // DecodeBit
    const bound = (coder[0] >>> 11) * chances[i]
    if (coder[1] < bound) {
      coder[0] = bound
      chances[i] += (2048 - chances[i]) >> 5
      normalize()
      return 0
    }
    coder[0] -= bound
    coder[1] -= bound
    chances[i] -= chances[i] >> 5
    normalize()
    return 1
  }
  const tree = (base, bits) => { // BitTreeDecode
    let node = 1
    for (let i = 0; i < bits; i++) node = node * 2 + bit(base + node)
    return node - (1 << bits)
  }
  const reversed = (base, bits) => { // BitTreeReverseDecode
    let node = 1, value = 0
    for (let i = 0; i < bits; i++) {
      const one = bit(base + node)
      node = node * 2 + one
      value |= one << i
    }
    return value
  }
  const direct = (bits) => { // DecodeDirectBits
    let value = 0
    for (; bits > 0; bits--) {
      coder[0] >>>= 1
      const one = coder[1] < coder[0] ? 0 : 1
      if (one) coder[1] -= coder[0]
      normalize()
      value = value * 2 + one
    }
    return value
  }
  const length = (base) => // LenDecoder
    2 + (!bit(base) ? tree(base + 2, 3) : !bit(base + 1) ? 8 + tree(base + 10, 3) : 16 + tree(base + 18, 8))
  const distance = (length) => { // DecodeDistance
    const slot = tree(slots + 64 * Math.min(length - 2, 3), 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const base = (2 | slot & 1) << bits
    return base + (slot < 14 ? reversed(distances + base - slot, bits) : direct(bits - 4) * 16 + reversed(low, 4))
  }
  const literal = (before, match) => { // DecodeLiteral; match: the byte at the last distance, or -1
    const base = literals + 0x300 * (before >> 5)
    let symbol = 1
    while (match >= 0 && symbol < 256) {
      const expected = match >> 7 & 1
      match <<= 1
      const one = bit(base + 256 * (1 + expected) + symbol)
      symbol = symbol * 2 + one
      if (one !== expected) break
    }
    while (symbol < 256) symbol = symbol * 2 + bit(base + symbol)
    return symbol
  }
  let state = 0
  const last = [0, 0, 0, 0] // distances, less one
  for (let n = 0; n < size;) {
    if (!bit(isMatch + state)) {
      out[n] = literal(n ? out[n - 1] : 0, state < 7 ? -1 : out[n - 1 - last[0]])
      n++
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
      continue
    }
    let count = 1
    if (!bit(isRepeat + state)) {
      count = length(lengths)
      last.pop()
      last.unshift(distance(count))
      state = state < 7 ? 7 : 10
    } else {
      const which = !bit(isNotLast + state) ? 0 : !bit(isNotSecond + state) ? 1 : 2 + bit(isNotThird + state)
      const long = which > 0 || bit(isLong + state)
      last.unshift(...last.splice(which, 1))
      if (long) count = length(repeatedLengths)
      state = state < 7 ? (long ? 8 : 9) : 11
    }
    for (; count > 0; count--, n++) out[n] = out[n - 1 - last[0]]
  }
  return out
}

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
  compiled ??= given ?? WebAssembly.compile(unpack(Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0)), size))
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
