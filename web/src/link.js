// An experiment in the fragment of an address: "#v1=" and the base64url of its deflated JSON.
// "#preset=NAME" names a preset instead, and "&of=NAME" the one that a changed experiment came from. A
// link is hostile input: its size is bounded before and
// while it is unpacked, and what it holds goes to the engine's check before anything else.
import { strings } from './strings.js'

const maxCharacters = 400_000
const maxBytes = 4_000_000

const toBase64Url = (bytes) => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  }
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

const fromBase64Url = (text) => {
  if (!/^[\w-]*$/.test(text)) throw new Error(strings.linkNotBase64)
  try {
    const raw = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
    return Uint8Array.from(raw, (character) => character.charCodeAt(0))
  } catch {
    throw new Error(strings.linkNotBase64)
  }
}

const streamed = (bytes, transform) => new Blob([bytes]).stream().pipeThrough(transform)

/** Unpacks piece by piece, so that a bomb is noticed before it has grown. */
async function unpacked(bytes) {
  const reader = streamed(bytes, new DecompressionStream('deflate-raw')).getReader()
  const pieces = []
  let size = 0
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      pieces.push(piece.value)
      size += piece.value.length
      if (size > maxBytes) break
    }
  } catch {
    throw new Error(strings.linkNotCompressed)
  }
  if (size > maxBytes) {
    reader.cancel().catch(() => {})
    throw new Error(strings.linkTooLarge(maxBytes))
  }
  return new Blob(pieces).text()
}

/**
 * @param {object} document @param {string | null} [chapter]  that it was changed from
 * @returns {Promise<string>} a fragment, "#" included
 */
export async function toFragment(document, chapter) {
  const packed = streamed(JSON.stringify(document), new CompressionStream('deflate-raw'))
  const code = toBase64Url(new Uint8Array(await new Response(packed).arrayBuffer()))
  return `#v1=${code}${chapter ? `&of=${chapter}` : ''}`
}

/** The chapter that a link's experiment was changed from, as the link says. @param {string} fragment */
export const chapterIn = (fragment) => /&of=([\w-]{1,40})/.exec(fragment)?.[1]

/**
 * @param {string} fragment
 * @param {(name: string) => object | undefined} presetNamed
 * @returns {Promise<object | null>} the document, null where the fragment names none; throws an Error
 *   that says what is wrong with the link
 */
export async function fromFragment(fragment, presetNamed) {
  const text = fragment.replace(/^#/, '').split('&')[0]
  if (!text) return null
  if (text.length > maxCharacters) throw new Error(strings.linkTooLong(maxCharacters))
  if (text.startsWith('preset=')) {
    const name = text.slice('preset='.length)
    const document = await presetNamed(name)
    if (!document) throw new Error(strings.linkUnknownPreset(name.slice(0, 40)))
    return document
  }
  if (!text.startsWith('v1=')) throw new Error(strings.linkUnknownVersion)
  const json = await unpacked(fromBase64Url(text.slice(3)))
  let document
  try {
    document = JSON.parse(json)
  } catch {
    throw new Error(strings.linkNotJson)
  }
  if (!document || typeof document !== 'object' || Array.isArray(document)) {
    throw new Error(strings.linkNotObject)
  }
  return document
}
