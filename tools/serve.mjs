// Serves a folder on this machine alone. Every answer carries the policy that its page declares.
// Usage: node serve.mjs DIRECTORY [PORT]
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

const usualPort = 8000
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
}

const policyOf = (html) => /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1]

async function answer(root, request, response) {
  const reply = (status, body, headers = {}) => {
    const length = Buffer.byteLength(body)
    response.writeHead(status, { 'Content-Length': length, 'X-Content-Type-Options': 'nosniff', ...headers })
    response.end(request.method === 'HEAD' ? undefined : body)
  }
  if (!['GET', 'HEAD'].includes(request.method)) return reply(405, 'only GET and HEAD\n')
  try {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname)
    const file = join(root, path.endsWith('/') ? `${path}index.html` : path)
    if (!file.startsWith(root + sep)) return reply(404, 'not found\n')
    const body = await readFile(file)
    const page = extname(file) === '.html' ? body : await readFile(join(root, 'index.html')).catch(() => '')
    const policy = policyOf(page.toString()) ?? "default-src 'none'"
    reply(200, body, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': policy,
      'Cache-Control': 'no-store',
    })
  } catch {
    reply(404, 'not found\n')
  }
}

/** Without a port: the usual one, or any that is free. */
export function serve(directory, port) {
  const root = resolve(directory)
  const server = createServer((request, response) => answer(root, request, response))
  return new Promise((done, fail) => {
    server.on('error', (error) => {
      if (port === undefined && error.code === 'EADDRINUSE') server.listen(0, '127.0.0.1')
      else fail(error)
    })
    server.listen(port ?? usualPort, '127.0.0.1', () => done({ server, port: server.address().port }))
  })
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [directory, port] = process.argv.slice(2)
  serve(directory, port === undefined ? undefined : Number(port)).then(
    (served) => console.log(`Palimpsest is at http://localhost:${served.port}/ (Ctrl+C ends it)`),
    (error) => {
      console.error(error.message)
      process.exitCode = 1
    },
  )
}
