// Writes the engine's module, and that of the conversions of λ: the source with the compiled code in it.
// By LZMA that is a fifth smaller than by deflate, with which most hosts send it, and sorted into streams
// a quarter.
// Usage: node engine.mjs SOURCE.js COMPILED.wasm OUT.js
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { Encoder } from './node_modules/lzma1/lib/encoder.js'
import { MODES } from './node_modules/lzma1/lib/lzma.js'
import { InputBuffer, OutputBuffer } from './node_modules/lzma1/lib/streams.js'
import { merge, sort } from '../src/streams.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const [source, wasm, out] = process.argv.slice(2)

const leb128 = (value) => (value < 128 ? [value] : [value & 127 | 128, ...leb128(value >>> 7)])

/** The module with its data in one piece: the heads of many cost more, compressed, than zeros between them. */
function inOnePiece(module) {
  let at = 8
  function number() {
    let value = 0
    for (let shift = 0, byte = 128; byte > 127; shift += 7) value |= ((byte = module[at++]) & 127) << shift
    return value
  }
  while (module[at++] !== 11) at = number() + at // past what the length counts
  const begin = at
  const end = number() + at
  const pieces = Array.from({ length: number() }, () => {
    const head = at
    at += 2 // which memory; i32.const
    const address = number()
    at++ // end
    const place = module.subarray(head, at)
    const length = number()
    return { place, address, bytes: module.subarray(at, at += length) }
  })
  const [{ place, address: first }] = pieces
  const last = pieces.at(-1)
  const data = new Uint8Array(last.address + last.bytes.length - first)
  for (const { address, bytes } of pieces) data.set(bytes, address - first)
  const section = [1, ...place, ...leb128(data.length), ...data]
  return Uint8Array.from([...module.subarray(0, begin), ...leb128(section.length), ...section, ...module.subarray(end)])
}

/** What lzma1 has for all: bytes in fours, and three bits of the byte before. Code has no fours, and one does. */
class CodeEncoder extends Encoder {
  configure(mode) {
    super.configure(mode)
    this._numLiteralContextBits = 1
    this._posStateBits = this._posStateMask = 0
  }
}

function compress(bytes) {
  const output = new OutputBuffer()
  new CodeEncoder().compress(new InputBuffer(bytes), output, MODES[9])
  return output.toArray()
}

const sorted = sort(inOnePiece(await readFile(wasm)))
if (!WebAssembly.validate(merge(sorted))) throw new Error('src/streams.mjs does not know an instruction of the engine')

const code = {
  name: 'code',
  setup(build) {
    build.onResolve({ filter: /^palimpsest:wasm$/ }, ({ path }) => ({ path, namespace: 'code' }))
    build.onLoad({ filter: /.*/, namespace: 'code' }, async () => ({
      contents: compress(sorted), loader: 'binary',
    }))
    // lzma1 is one class for both directions, and for texts; of it, what unpacks bytes.
    build.onResolve({ filter: /^lzma1$/ }, ({ path }) => ({ path, namespace: 'unpacking' }))
    build.onLoad({ filter: /.*/, namespace: 'unpacking' }, () => ({
      resolveDir: join(here, 'node_modules/lzma1/lib'),
      contents: `import { Decoder } from './decoder.js'
        import { InputBuffer, OutputBuffer } from './streams.js'
        export function decompress(packed) {
          const output = new OutputBuffer()
          new Decoder().decompress(new InputBuffer(packed), output)
          return output.toArray()
        }`,
    }))
  },
}

await esbuild.build({
  entryPoints: [source],
  outfile: out,
  bundle: true, minify: true, format: 'esm', target: ['es2022'], charset: 'utf8', legalComments: 'none', logLevel: 'warning',
  nodePaths: [join(here, 'node_modules')],
  mangleProps: /Decode|Coder|Window|Stream|Byte/, // lzma1's, which are many and long
  plugins: [code],
})
