// What the page weighs as a host sends it, by gzip: what a visit loads, and all that can be loaded later.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

const most = 150_000 // bytes, compressed
const site = new URL('../../dist/', import.meta.url)
const read = (name) => readFileSync(new URL(name, site), 'utf8')
const weight = (name) => gzipSync(read(name), { level: 9 }).length

const onDemand = /\bimport\("\.\/([\w-]+\.js)"\)/g // loaded when it is asked for, if ever

const ours = (name) => !['embed.js', 'lambda.js'].includes(name) && existsSync(new URL(name, site)) // those are for other pages and programs

/** The scripts and styles that a file names, but for the imports left out, those that they name, and itself. */
function loaded(name, leftOut = onDemand, found = new Set()) {
  if (found.has(name)) return found
  found.add(name)
  const named = read(name).replace(leftOut, '').match(/[\w-]+\.(?:js|css)\b/g) ?? []
  for (const other of named.filter(ours)) loaded(other, leftOut, found)
  return found
}

const together = (files) => [...files].reduce((sum, name) => sum + weight(name), 0)

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

// The target is 150 kB for the whole lab without the images of digits, and it is missed: these bounds are
// what has been reached. They keep it from growing unseen, and come down with every part that gets lighter.
for (const [language, leftOut, bound] of [
  ['English', /\bimport\("\.\/language-[\w-]+\.js"\)/g, 196_800],
  ['Chinese', /$^/, 215_800], // English, and what takes its place
]) {
  test(`the whole lab in ${language}, every part opened, stays within what it has been brought down to`, (t) => {
    const bytes = together(loaded('index.html', leftOut))
    t.diagnostic(`the whole lab in ${language}: ${bytes} bytes of ${bound}; the target: ${most}`)
    assert.ok(bytes <= bound, `${bytes} bytes`)
  })
}

test('the single file holds everything once, and weighs no more than all its parts', (t) => {
  const visit = loaded('index.html')
  const limit = most + together(readdirSync(site).filter((name) => name.endsWith('.js') && ours(name) && !visit.has(name)))
  const bytes = weight('palimpsest.html')
  t.diagnostic(`palimpsest.html: ${bytes} bytes of ${limit}`)
  assert.ok(bytes <= limit, `${bytes} bytes`)
})
