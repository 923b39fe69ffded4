// What the page weighs as a host sends it: everything that a visit loads, by gzip.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const most = 150_000 // bytes, compressed
const site = new URL('../../dist/', import.meta.url)
const read = (name) => readFileSync(new URL(name, site), 'utf8')
const weight = (name) => gzipSync(read(name), { level: 9 }).length

const onDemand = /\bimport\("\.\/([\w-]+\.js)"\)/g // loaded when it is asked for, if ever

/** The scripts and styles that a file names for a visit, those that they name, and itself. */
function loaded(name, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  const named = read(name).replace(onDemand, '').match(/[\w-]+\.(?:js|css)\b/g) ?? []
  for (const other of named.filter((other) => existsSync(new URL(other, site)))) loaded(other, found)
  return found
}

test('the page weighs at most 150 kB', (t) => {
  const files = [...loaded('index.html')].map((name) => ({ name, bytes: weight(name) }))
  for (const { name, bytes } of files) t.diagnostic(`${name}: ${bytes} bytes`)
  const sum = files.reduce((total, { bytes }) => total + bytes, 0)
  t.diagnostic(`together: ${sum} bytes of ${most}`)
  for (const part of ['app.js', 'engine.js', 'style.css', 'worker.js']) {
    assert.ok(files.some(({ name }) => name === part), `${part} is not loaded`)
  }
  assert.ok(sum <= most, `${sum} bytes`)
})

test('the single file holds everything once, and weighs no more than all its parts', (t) => {
  const visit = loaded('index.html')
  const later = readdirSync(site).filter((name) => name.endsWith('.js') && name !== 'embed.js' && !visit.has(name)).map(weight)
  const limit = most + later.reduce((sum, bytes) => sum + bytes, 0)
  const bytes = weight('palimpsest.html')
  t.diagnostic(`palimpsest.html: ${bytes} bytes of ${limit}`)
  assert.ok(bytes <= limit, `${bytes} bytes`)
})
