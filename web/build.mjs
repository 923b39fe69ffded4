// Writes the static site and the single file into dist/, from dist/engine.js and src/.
// Usage: node build.mjs [--engine FILE] [--out DIRECTORY]
import { createHash } from 'node:crypto'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as esbuild from 'esbuild'
import { minify } from 'terser'
import { plainStrings } from './src/strings.js'

const here = dirname(fileURLToPath(import.meta.url))
const { values } = parseArgs({
  options: { engine: { type: 'string' }, out: { type: 'string' } },
})
const out = resolve(values.out ?? join(here, '../dist'))
const engine = resolve(values.engine ?? join(out, 'engine.js'))

/** `palimpsest:engine` beside the worker or inside it; `palimpsest:worker`: its text, or ''. */
const parts = (workerText) => ({
  name: 'parts',
  setup(build) {
    build.onResolve({ filter: /^palimpsest:engine$/ }, () =>
      workerText === undefined ? { path: './engine.js', external: true } : { path: engine })
    build.onResolve({ filter: /^palimpsest:worker$/ }, () => ({ path: 'worker', namespace: 'part' }))
    build.onLoad({ filter: /.*/, namespace: 'part' }, () => ({
      contents: workerText ?? '', loader: 'text',
    }))
  },
})

/**
 * D3 and Lit in the parts that are used. Its scales here are of numbers: without what mixes colours, dates
 * and texts, and with decimals alone of its formats. Its selections draw axes: without the methods
 * that those do not call. Its contours are of given levels: without what would choose them. And Lit
 * without styles in components: none here has any.
 */
const notForAxes = /^\.\/(selectChild|selectChildren|node|nodes|size|empty|style|property|classed|html|raise|lower|clone|datum|on|dispatch|iterator|sort)\.js$/
const partsInUse = {
  name: 'parts in use',
  setup(build) {
    build.onResolve({ filter: /^\.\/value\.js$/ }, ({ importer, resolveDir }) =>
      importer.includes('d3-interpolate') && build.resolve('./number.js', { resolveDir, kind: 'import-statement' }))
    build.onResolve({ filter: /^d3-format$/ }, () => ({ path: join(here, 'src/plots/tick-format.js') }))
    build.onResolve({ filter: notForAxes }, ({ importer, path }) =>
      importer.endsWith('d3-selection/src/selection/index.js') ? { path, namespace: 'unused' } : null)
    build.onResolve({ filter: /^d3-array$/ }, ({ importer, path }) => (importer.includes('d3-contour') ? { path, namespace: 'unused' } : null))
    build.onResolve({ filter: /^\.\/css-tag\.js$/ }, ({ path }) => ({ path, namespace: 'unused' }))
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({
      contents: `export default undefined; export let blur2, extent, max, nice, thresholdSturges, ticks,
        adoptStyles, css, CSSResult, getCompatibleStyle, supportsAdoptingStyleSheets, unsafeCSS`,
    }))
  },
}

/** Templates in one line: no line of code begins with what theirs begin with. */
const templates = {
  name: 'templates',
  setup(build) {
    build.onLoad({ filter: /web\/src\/.*\.js$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replace(/\n {4,}(?=<|\$\{|[.?@]?[a-z-]+=["$])/g, ' '),
    }))
  },
}

/** What is imported on demand lies beside the entry, where the format has modules; else in it. */
async function bundle(source, name, format, workerText) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [{ in: join(here, 'src', source), out: name }],
    bundle: true,
    splitting: format === 'esm',
    outdir: out,
    chunkNames: '[name]-[hash]',
    minify: true,
    write: false,
    format,
    target: ['es2022'],
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
    define: format === 'iife' ? { 'import.meta.url': 'self.location.href' } : {},
    loader: { '.py': 'text' },
    plugins: [parts(workerText), partsInUse, templates],
  })
  return Promise.all(outputFiles.map(async ({ path, text }) => ({ path, text: await shorter(text) })))
}

/** What esbuild leaves: it looks at an expression at a time. */
async function shorter(script) {
  return (await minify(script, { module: true, ecma: 2022, compress: { passes: 2 } })).code
}

async function write(source, name) {
  for (const { path, text } of await bundle(source, name, 'esm')) await writeFile(path, text)
}

const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = ({ script, style, worker, frame, connect }) => [
  `default-src 'none'`,
  `script-src ${script} 'wasm-unsafe-eval'`,
  `worker-src ${worker}`,
  `style-src ${style}`,
  `img-src data:`,
  `frame-src ${frame}`,
  `connect-src ${connect}`,
  `base-uri 'none'`,
  `form-action 'none'`,
].join('; ')

const fill = (template, parts) => template.replace(/\{\{(\w+)\}\}/g, (_, name) => parts[name])

const style = (await esbuild.build({
  entryPoints: [join(here, 'src/style.css')],
  minify: true, bundle: true, write: false, charset: 'utf8', target: ['chrome105', 'firefox115', 'safari16'],
})).outputFiles[0].text.trim()
const template = await readFile(join(here, 'index.html'), 'utf8')

await mkdir(out, { recursive: true })
for (const name of await readdir(out)) {
  if (/-[0-9A-Z]{8}\.js$/.test(name)) await rm(join(out, name)) // a part of an earlier build
}
await writeFile(join(out, 'style.css'), style)
await write('main.js', 'app')
await write('worker.js', 'worker')
const [{ text: figure }] = await bundle('embed/figure.js', 'embed', 'iife')
await writeFile(join(out, 'embed.js'), figure)
if (engine !== join(out, 'engine.js')) await copyFile(engine, join(out, 'engine.js'))
await writeFile(join(out, 'index.html'), fill(template, {
  policy: policy({ script: `'self'`, style: `'self'`, worker: `'self'`, frame: `'self'`, connect: `'self'` }),
  ...plainStrings,
  disk: `<p class="plain late">${plainStrings.disk}</p>\n`,
  style: '<link rel="stylesheet" href="style.css">',
  script: '<script type="module" src="app.js"></script>',
}))

const [{ text: worker }] = await bundle('worker.js', 'worker', 'iife', '')
const [{ text: app }] = await bundle('main.js', 'app', 'iife', worker)
await writeFile(join(out, 'palimpsest.html'), fill(template, {
  policy: policy({ script: hash(app), style: hash(style), worker: 'blob:', frame: `'self'`, connect: `'none'` }),
  ...plainStrings,
  disk: '',
  style: `<style>${style}</style>`,
  script: `<script>${app}</script>`,
}))
