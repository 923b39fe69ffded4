// How JavaScript and the engine's WebAssembly ask and answer; web/engine.mjs puts it into the modules
// that it makes of the compiled code, with what unpacks that.
import { decompress } from 'lzma1'
import { merge } from './streams.mjs'

const deepest = 32

// What a document is made of, as exchange.cpp has it: each value is its kind and a count in 32 bits
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

/** An instance of compiled code: a question, where there is one, goes in before the call, a value comes out. */
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

export function answerOf({ faults, answer }) {
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return answer
}

/** @returns {Promise<WebAssembly.Module>} */
export const compile = (packed) => WebAssembly.compile(merge(decompress(packed)))

/** @param {WebAssembly.Module} compiled */
export async function instantiate(compiled) {
  const imports = {}
  for (const { module: from, name } of WebAssembly.Module.imports(compiled)) {
    imports[from] ??= {}
    imports[from][name] = () => {
      if (name !== 'emscripten_notify_memory_growth') throw new Error(`the engine came to ${name}`)
    }
  }
  return new Module((await WebAssembly.instantiate(compiled, imports)).exports)
}
