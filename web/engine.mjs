// Writes the engine's module: src/engine.js with the compiled code in it, packed.
// Usage: node engine.mjs BUILD OUT.js   BUILD: where engine.wasm, pack.wasm and unpack.wasm are
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { recode } from '../src/packing.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const [build, out] = process.argv.slice(2)

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

const read = (name) => readFile(join(build, name))
const unpacking = await read('unpack.wasm')
const packed = await recode(await read('pack.wasm'), 'pack', inOnePiece(await read('engine.wasm')))
if (!WebAssembly.validate(await recode(unpacking, 'unpack', packed))) throw new Error('src/packing.cpp does not know an instruction of the engine')

const parts = { 'palimpsest:engine.packed': packed, 'palimpsest:unpack.wasm': unpacking }
const code = {
  name: 'code',
  setup(build) {
    build.onResolve({ filter: /^palimpsest:/ }, ({ path }) => ({ path, namespace: 'code' }))
    build.onLoad({ filter: /.*/, namespace: 'code' }, ({ path }) => ({ contents: parts[path], loader: 'binary' }))
  },
}

await esbuild.build({
  entryPoints: [join(here, '../src/engine.js')],
  outfile: out,
  bundle: true, minify: true, format: 'esm', target: ['es2022'], charset: 'utf8', legalComments: 'none', logLevel: 'warning',
  plugins: [code],
})
