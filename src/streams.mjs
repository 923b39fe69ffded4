// Compiled WebAssembly, sorted for compression: opcodes with opcodes, indices of locals with indices of
// locals, and so on. Alike stand together so, and LZMA packs them 7 % smaller. What can be known without
// being told is left out: the lengths of functions, and the alignments, which are hints.
// The format: https://webassembly.github.io/spec/core/binary

// In an order that packs small. The rest is the last that is kept: `merge` ends where it ends.
const [OPCODE, CALL, CONSTANT, OFFSET, LOCAL, LITERAL, REST, HINT] = Array(8).keys()
const kept = HINT // streams

const codeSection = 10

/**
 * Walks through a module. `next` gives the byte that comes next, of a stream; `open` and `close` stand
 * where a length stands and where what it counts ends. What follows depends on bytes that were given, so
 * that one walk serves both ways.
 */
function walk(next, open, close) {
  const skip = (stream, count) => { while (count-- > 0) next(stream) }

  function number(stream) { // LEB128
    let value = 0
    for (let shift = 0, byte = 128; byte > 127; shift += 7) value |= ((byte = next(stream)) & 127) << shift
    return value
  }

  function address() {
    next(HINT)
    number(OFFSET)
  }

  function vector(opcode) {
    const lane = opcode >= 84 && opcode <= 91
    if (opcode < 12 || lane || opcode === 92 || opcode === 93) address()
    if (opcode === 12 || opcode === 13) skip(LITERAL, 16)
    if (lane || (opcode >= 21 && opcode <= 34)) next(LITERAL)
  }

  const numbers = (stream, count) => { while (count-- > 0) number(stream) }

  function operands(opcode) {
    if (opcode >= 0x20 && opcode <= 0x22) number(LOCAL)
    else if (opcode >= 0x28 && opcode <= 0x3e) address()
    else switch (opcode) {
      case 0x02: case 0x03: case 0x04: case 0x0c: case 0x0d: // of blocks and branches,
      case 0x23: case 0x24: case 0x3f: case 0x40: return number(OPCODE) // globals and memories
      case 0x0e: return numbers(OPCODE, number(OPCODE) + 1)
      case 0x10: return number(CALL)
      case 0x11: return numbers(CALL, 2)
      case 0x41: case 0x42: return number(CONSTANT)
      case 0x43: return skip(LITERAL, 4)
      case 0x44: return skip(LITERAL, 8)
      case 0xfc: return numbers(OPCODE, { 8: 2, 10: 2, 11: 1 }[number(OPCODE)])
      case 0xfd: return vector(number(OPCODE))
    }
  }

  function body() {
    open()
    for (let declarations = number(REST); declarations > 0; declarations--) {
      number(REST)
      next(REST)
    }
    for (let depth = 1; depth > 0;) {
      const opcode = next(OPCODE)
      if (opcode >= 0x02 && opcode <= 0x04) depth++
      if (opcode === 0x0b) depth--
      operands(opcode)
    }
    close()
  }

  skip(REST, 8)
  for (let section; (section = next(REST)) !== undefined;) {
    if (section !== codeSection) skip(REST, number(REST))
    else {
      open()
      for (let functions = number(REST); functions > 0; functions--) body()
      close()
    }
  }
}

/** The streams of a module, one after the other, and before them how long each is. */
export function sort(wasm) {
  const streams = Array.from({ length: kept + 1 }, () => [])
  let at = 0
  walk((stream) => {
    if (at < wasm.length) streams[stream].push(wasm[at])
    return wasm[at++]
  }, () => { while (wasm[at++] > 127); }, () => {})
  streams.length = kept
  return Uint8Array.from([...new Uint8Array(Uint32Array.from(streams, ({ length }) => length).buffer), ...streams.flat()])
}

/** The module again. */
export function merge(sorted) {
  const lengths = new Uint32Array(sorted.slice(0, 4 * kept).buffer)
  let end = 4 * kept
  const at = lengths.map((length) => (end += length) - length)
  const module = new Uint8Array(2 * sorted.length) // there is less that is left out than is kept
  const begins = []
  let written = 0
  walk((stream) => {
    const byte = stream === HINT ? 0 : sorted[at[stream]++]
    if (byte !== undefined) module[written++] = byte
    return byte
  }, () => begins.push(written), () => {
    const begin = begins.pop()
    const counted = module.slice(begin, written)
    let { length } = counted
    written = begin
    for (; length > 127; length >>>= 7) module[written++] = length & 127 | 128
    module[written++] = length
    module.set(counted, written)
    written += counted.length
  })
  return module.slice(0, written)
}
