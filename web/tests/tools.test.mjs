// The two commands' own edges, and the server of tools/demo.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { serve } from '../../tools/serve.mjs'

const root = fileURLToPath(new URL('../../', import.meta.url))
const run = (...command) => spawnSync(`${root}tools/${command[0]}`, command.slice(1), { encoding: 'utf8' })

for (const wrong of [['demo', '--nope'], ['demo', 'dist'], ['demo', '--port'], ['demo', '--port', 'x'],
  ['demo', '--port='], ['demo', '--port', '70000'], ['test', '--nope']]) {
  test(`refused with its usage: ${wrong.join(' ')}`, () => {
    const { status, stdout, stderr } = run(...wrong)
    assert.equal(status, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /Usage: tools\//)
  })
}

let served
before(async () => (served = await serve(`${root}dist`, 0)))
after(() => served.server.close())

const ask = (path, options = {}) => new Promise((done, fail) => {
  request({ host: '127.0.0.1', port: served.port, path, ...options }, (response) => {
    let body = ''
    response.setEncoding('utf8').on('data', (part) => (body += part))
    response.on('end', () => done({ ...response, status: response.statusCode, headers: response.headers, body }))
  }).on('error', fail).end()
})

test('it serves on this machine alone', () => assert.equal(served.server.address().address, '127.0.0.1'))

test('files come with their types and with the policy that the page declares', async () => {
  for (const [path, type] of [['/', 'text/html'], ['/palimpsest.html', 'text/html'], ['/app.js', 'text/javascript'],
    ['/worker.js', 'text/javascript'], ['/engine.js', 'text/javascript'], ['/style.css', 'text/css']]) {
    const { status, headers } = await ask(path)
    assert.equal(status, 200, path)
    assert.ok(headers['content-type'].startsWith(type), path)
    const page = path === '/palimpsest.html' ? 'palimpsest.html' : 'index.html'
    assert.ok(readFileSync(`${root}dist/${page}`, 'utf8').includes(`content="${headers['content-security-policy']}"`), path)
    assert.match(headers['content-security-policy'], /^default-src 'none';/)
    assert.doesNotMatch(headers['content-security-policy'], /unsafe-inline|'unsafe-eval'|https?:|\*/)
  }
})

test('nothing outside its folder is served', async () => {
  for (const path of ['/../CMakeLists.txt', '/%2e%2e/CMakeLists.txt', '/..%2fCMakeLists.txt', '/../dist-other/x',
    '/%00', '/%zz', '/nothing', '/app.js/', '//etc/passwd', '/..%5cCMakeLists.txt']) {
    assert.equal((await ask(path)).status, 404, path)
  }
})

test('only GET and HEAD', async () => {
  assert.equal((await ask('/', { method: 'POST' })).status, 405)
  const head = await ask('/', { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.body, '')
})
