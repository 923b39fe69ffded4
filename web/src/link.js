// An experiment in the fragment of an address: "#v1=" and the base64url of its deflated JSON.
// "#preset=NAME" names a preset instead. A link is hostile input: its size is bounded before and
// while it is unpacked, and what it holds goes to the engine's check before anything else.
import { deflateSync, Inflate, strFromU8, strToU8 } from 'fflate'
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

/** Unpacks in small pieces, so that a bomb is noticed before it has grown. */
function inflateBounded(bytes) {
  const pieces = []
  let size = 0
  let ended = false
  const inflate = new Inflate((piece, last) => {
    pieces.push(piece)
    size += piece.length
    ended = last
    if (size > maxBytes) throw new RangeError(strings.linkTooLarge(maxBytes))
  })
  try {
    for (let at = 0; at < bytes.length; at += 512) {
      inflate.push(bytes.subarray(at, at + 512), at + 512 >= bytes.length)
    }
  } catch (error) {
    throw error instanceof RangeError ? error : new Error(strings.linkNotCompressed)
  }
  if (!ended || !size) throw new Error(strings.linkNotCompressed)
  const whole = new Uint8Array(size)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/** @param {object} document @returns {string} a fragment, "#" included */
export const toFragment = (document) =>
  `#v1=${toBase64Url(deflateSync(strToU8(JSON.stringify(document)), { level: 9 }))}`

/**
 * @param {string} fragment
 * @param {(name: string) => object | undefined} presetNamed
 * @returns {object | null} the document, null where the fragment names none; throws an Error that
 *   says what is wrong with the link
 */
export function fromFragment(fragment, presetNamed) {
  const text = fragment.replace(/^#/, '').split('&')[0]
  if (!text) return null
  if (text.length > maxCharacters) throw new Error(strings.linkTooLong(maxCharacters))
  if (text.startsWith('preset=')) {
    const name = text.slice('preset='.length)
    const document = presetNamed(name)
    if (!document) throw new Error(strings.linkUnknownPreset(name.slice(0, 40)))
    return document
  }
  if (!text.startsWith('v1=')) throw new Error(strings.linkUnknownVersion)
  const bytes = inflateBounded(fromBase64Url(text.slice(3)))
  let document
  try {
    document = JSON.parse(strFromU8(bytes))
  } catch {
    throw new Error(strings.linkNotJson)
  }
  if (!document || typeof document !== 'object' || Array.isArray(document)) {
    throw new Error(strings.linkNotObject)
  }
  return document
}
