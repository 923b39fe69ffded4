// Measures this engine beside TensorFlow.js, jax-js and PyTorch; tools/bench builds and calls it.
// Rounds are interleaved: in every round each contender runs in turn, and what is printed are medians
// over the rounds, of times and of the ratios within one round.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { loadavg, tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { deflateRawSync } from 'node:zlib'
import { serve } from './serve.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const fromWeb = createRequire(join(root, 'web/package.json'))
const fromRivals = createRequire(join(root, 'tools/rivals/package.json'))
const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } })
const parts = ['W1', 'W2', 'W3', 'W4', 'GEM', 'quadratic', 'frames', 'visit']
const only = options.only?.split(',') ?? parts
const rounds = options.quick ? 5 : 15
const chunkUs = options.quick ? 50_000 : 150_000 // of one contender in one round
const slowUs = 3_000_000 // a step longer than this is timed once only

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

// Workloads

/** Numbers from 0 to 1 by a linear congruential generator. */
function generator(state) {
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32
}

const pixels = 28 * 28
const short = (x) => Math.round(x * 1000) / 1000 // keeps the documents small

/** `count` examples from `begin` on, with labels from 0 to 9. */
const inputs = {
  dense(begin, count) {
    const random = generator(begin + 1)
    const rows = Array.from({ length: count }, () => Array.from({ length: pixels }, () => short(2 * random() - 1)))
    return { inputs: rows, labels: rows.map((_, i) => (begin + i) % 10) }
  },
  digits(begin, count) {
    const folder = join(root, 'build/data/mnist')
    const images = readFileSync(join(folder, 'train-images-idx3-ubyte')).subarray(16 + begin * pixels)
    const labels = readFileSync(join(folder, 'train-labels-idx1-ubyte')).subarray(8 + begin)
    const rows = Array.from({ length: count }, (_, i) => Array.from(images.subarray(i * pixels, (i + 1) * pixels), (x) => short(x / 255)))
    return { inputs: rows, labels: Array.from(labels.subarray(0, count)) }
  },
}
const haveDigits = existsSync(join(root, 'build/data/mnist/train-images-idx3-ubyte'))

function sine() {
  const rows = Array.from({ length: 1024 }, (_, i) => [short(((i * 389) % 1024) / 512 - 1)]) // in no order
  return { inputs: rows, targets: rows.map(([x]) => [short(Math.sin(3 * x))]) }
}

const endless = 10_000_000
const explicit = (loss, tasks) => ({ kind: 'explicit', loss, tasks: tasks.map((train) => ({ train, test: slice(train, 1) })) })
const slice = (examples, count) => Object.fromEntries(Object.entries(examples).map(([key, list]) => [key, list.slice(0, count)]))

const document = (tasks, hidden, activation, batch, optimizer, method = { kind: 'finetune' }, steps = endless) => ({
  version: 1,
  tasks,
  network: { hidden, activation },
  training: { steps_per_task: steps, batch_size: batch, optimizer },
  methods: [method],
  record: { every: endless, parameters: false },
})

const sgd = { kind: 'sgd', learning_rate: 0.01 }
const adam = { kind: 'adam', learning_rate: 0.001 }
const past = 19
const kept = 256
const gemSteps = 64 // a task; after the first 19 tasks so many are left to be timed

const onClasses = (data, ...rest) => () => document(explicit('cross_entropy', [inputs[data](0, 1280)]), ...rest)
/** Pixels in another order in every task, so that the tasks get into each other's way. */
function permuted(data, task) {
  const random = generator(task)
  const order = Array.from({ length: pixels }, (_, i) => [random(), i]).sort(([a], [b]) => a - b).map(([, i]) => i)
  const examples = inputs[data](task * 300, 300)
  return { ...examples, inputs: examples.inputs.map((row) => order.map((i) => row[i])) }
}
const gem = (data) => () => document(
  explicit('cross_entropy', Array.from({ length: past + 1 }, (_, task) => permuted(data, task))),
  [100, 100], 'relu', 10, sgd, { kind: 'gem', memory_per_task: kept }, gemSteps)

/** widths, batch: for the FLOPs. begin: steps before those that count. most: steps to be had. */
const workloads = [
  { part: 'W1', name: 'W1 SGD', widths: [1, 64, 64, 1], batch: 32, make: () => document(explicit('mse', [sine()]), [64, 64], 'tanh', 32, sgd) },
  { part: 'W1', name: 'W1 Adam', widths: [1, 64, 64, 1], batch: 32, make: () => document(explicit('mse', [sine()]), [64, 64], 'tanh', 32, adam) },
  ...['dense', 'digits'].map((data) => ({ part: 'W2', data, name: `W2 ${data}`, widths: [pixels, 100, 100, 10], batch: 10, make: onClasses(data, [100, 100], 'relu', 10, sgd) })),
  ...['dense', 'digits'].map((data) => ({ part: 'W3', data, name: `W3 ${data}`, widths: [pixels, 400, 400, 10], batch: 128, make: onClasses(data, [400, 400], 'relu', 128, adam) })),
  ...['dense', 'digits'].map((data) => ({ part: 'W4', data, name: `W4 ${data}`, widths: [pixels, 100, 100, 10], batch: 10 + past * kept, make: gem(data), begin: past * gemSteps, most: gemSteps })),
]

/** Of the three products of a step: forward, to the weights' gradient, and back through all layers but the first. */
function flopsOf({ widths, batch }) {
  const sizes = widths.slice(1).map((out, l) => widths[l] * out)
  const sum = (list) => list.reduce((a, b) => a + b, 0)
  return 2 * batch * (2 * sum(sizes) + sum(sizes.slice(1)))
}

// Contenders: prepare(file, begin, name) and time(steps), in µs a step.

/** A program that answers every line with one. */
class Program {
  constructor(command, ...parameters) {
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' } // before PyTorch and NumPy read them
    this.child = spawn(command, parameters, { cwd: root, env, stdio: ['pipe', 'pipe', 'inherit'] })
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]()
  }

  async ask(line) {
    this.child.stdin.write(`${line}\n`)
    const { value, done } = await this.lines.next()
    if (done) throw new Error('it broke off')
    return value
  }

  prepare(file, begin) {
    return this.ask(`prepare ${file} ${begin}`)
  }

  async time(steps) {
    return Number(await this.ask(`time ${steps}`))
  }

  close() {
    this.child.stdin.end()
  }
}

/** A page that runs one bundle of tools/rivals. */
class Page {
  static async open(browser, origin, bundle, option) {
    const contender = new Page()
    contender.page = await browser.newPage()
    contender.page.setDefaultTimeout(0)
    contender.option = option
    contender.origin = origin
    await contender.page.goto(`${origin}/page/${bundle}`)
    return contender
  }

  prepare(_, begin, name) {
    return this.page.evaluate(([address, first, option]) => globalThis.contender.prepare(address, first, option),
      [`${this.origin}/data/${name}.json`, begin, this.option])
  }

  time(steps) {
    return this.page.evaluate((count) => globalThis.contender.time(count), steps)
  }

  close() {
    return this.page.close()
  }
}

const types = { '.js': 'text/javascript', '.json': 'application/json', '.wasm': 'application/wasm' }

/** dist/, the bundles, TensorFlow.js's modules and the documents, on this machine alone. */
async function serveAll(folder) {
  const folders = {
    dist: join(root, 'dist'),
    data: folder,
    bundle: folder,
    tfjs: join(root, 'tools/rivals/node_modules/@tensorflow/tfjs-backend-wasm/dist'),
  }
  const server = createServer((request, response) => {
    const [, first, name] = request.url.split('/')
    if (first === 'page') {
      response.writeHead(200, { 'Content-Type': 'text/html' })
      return response.end(`<!doctype html><title>${name}</title><script type="module" src="/bundle/${name}.js"></script>`)
    }
    const file = folders[first] && join(folders[first], name)
    if (!file || !existsSync(file)) return response.writeHead(404).end()
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'text/plain' })
    response.end(readFileSync(file))
  })
  await new Promise((done) => server.listen(0, '127.0.0.1', done))
  return server
}

async function bundle(folder) {
  const esbuild = fromRivals('esbuild')
  await esbuild.build({
    entryPoints: ['engine', 'tfjs', 'jax'].map((name) => join(root, `tools/rivals/${name}.js`)),
    outdir: folder, bundle: true, format: 'esm', external: ['/dist/*'], logLevel: 'error',
  })
}

const slowTorch = 'PyTorch, slow BLAS' // another name, so that no target is held against it

const launch = () => fromWeb('playwright-core').chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage',
    // Every contender keeps its page: none is slowed down because another is in front.
    '--disable-background-timer-throttling', '--disable-backgrounding-occluded-windows', '--disable-renderer-backgrounding'],
})

async function openContenders(browser, origin) {
  const contenders = {
    native: new Program(join(root, 'build/native/palimpsest_bench')),
    Node: new Program(process.execPath, 'tools/rivals/node.mjs'),
    Chromium: await Page.open(browser, origin, 'engine'),
    'TF.js wasm': await Page.open(browser, origin, 'tfjs', 'wasm'),
    'TF.js cpu': await Page.open(browser, origin, 'tfjs', 'cpu'),
    'jax-js': await Page.open(browser, origin, 'jax'),
  }
  const python = process.env.TORCH_PYTHON
  if (!python) return contenders
  const torch = new Program(python, 'tools/rivals/pytorch.py')
  const fast = (await torch.ask('blas fast')) === 'yes'
  contenders[fast ? 'PyTorch' : slowTorch] = torch
  return contenders
}

// Measuring

/** Warms a contender up and returns how many steps fill a chunk; null where it cannot take part. */
async function warmUp(contender, file, { begin = 0, most = Infinity, name }) {
  await contender.prepare(file, begin, name)
  const perRound = Math.max(1, Math.floor((most - 2) / (rounds + 1)) - 1)
  let us = await contender.time(1)
  if (us > slowUs) return { steps: 1, once: us }
  us = await contender.time(1)
  if (most === Infinity) us = await contender.time(Math.ceil(Math.min(chunkUs / us, 2000)))
  return { steps: Math.max(1, Math.min(Math.round(chunkUs / us), perRound)) }
}

/** By contender: its times, a round each; NaN where it has none. */
async function measure(workload, contenders, folder) {
  const file = join(folder, `${workload.name.replace(' ', '-')}.json`)
  writeFileSync(file, JSON.stringify(workload.make()))
  const taking = {}
  const times = {}
  for (const [name, contender] of Object.entries(contenders)) {
    times[name] = []
    try {
      taking[name] = await warmUp(contender, file, { ...workload, name: workload.name.replace(' ', '-') })
    } catch (error) {
      console.error(`${workload.name}, ${name}: ${error.message.split('\n')[0]}`)
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, { steps, once }] of Object.entries(taking)) {
      // Training goes on and on: nobody is timed on caches that another contender has left.
      if (!once) await contenders[name].time(Math.ceil(steps / 10))
      times[name].push(once ?? (await contenders[name].time(steps)))
    }
  }
  rmSync(file)
  return times
}

const peakOf = (command, ...parameters) => Number(execFileSync(command, [...parameters, 'peak'], { encoding: 'utf8' }))
// At its final quality from the start: a loop that is entered once would stay in V8's first, quick code.
const wasmBench = ['--no-liftoff', join(root, 'build/wasm/palimpsest_bench.js')]

/** 10⁹ operations a second, natively and in wasm. */
function measurePeak() {
  const native = Array.from({ length: 2 }, () => peakOf(join(root, 'build/native/palimpsest_bench')))
  const wasm = Array.from({ length: 2 }, () => peakOf(process.execPath, ...wasmBench))
  return { native: Math.max(...native), wasm: Math.max(...wasm) }
}

function measureQuadratic() {
  const commands = { native: [join(root, 'build/native/palimpsest_bench')], wasm: [process.execPath, ...wasmBench] }
  return [19, 99].map((count) => ({
    count,
    ...Object.fromEntries(Object.entries(commands).map(([name, [command, ...first]]) => {
      const runs = Array.from({ length: options.quick ? 1 : 3 }, () =>
        execFileSync(command, [...first, 'quadratic', String(count)], { encoding: 'utf8' }).split(' ').map(Number))
      return [name, { us: median(runs.map(([us]) => us)), error: Math.max(...runs.map(([, error]) => error)) }]
    })),
  }))
}

/** Six learners of W1's size at full speed on the real page: the work of each frame on its main thread. */
async function measureFrames(browser) {
  const experiment = {
    version: 1,
    tasks: { kind: 'sines' },
    network: { hidden: [64, 64] },
    training: { steps_per_task: 200_000 },
    methods: ['finetune', 'l2', 'ewc', 'gem', 'replay', 'joint'].map((kind) => ({ kind })),
    record: { every: 1000 },
  }
  const { server, port } = await serve(join(root, 'dist'), 0)
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
  try {
    await page.goto(`http://127.0.0.1:${port}/#v1=${deflateRawSync(JSON.stringify(experiment)).toString('base64url')}`)
    const speed = page.locator('.speed input')
    await speed.fill(await speed.getAttribute('max'))
    const step = async () => Number(await page.getByRole('progressbar').first().getAttribute('aria-valuenow'))
    await page.waitForTimeout(3000)
    const before = await step()
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] })
    await page.waitForTimeout(options.quick ? 5000 : 15_000)
    const events = JSON.parse((await browser.stopTracing()).toString()).traceEvents
    return { steps: (await step()) - before, ...framesOf(events) }
  } finally {
    await page.close()
    server.close()
  }
}

/** Visits of the page as it begins: until the first fit is drawn, and the main thread's longest task after it. */
async function measureVisits(browser) {
  const { server, port } = await serve(join(root, 'dist'), 0)
  try {
    const visits = []
    for (let visit = 0; visit < rounds; visit++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } }) // nothing is cached
      const page = await context.newPage()
      await page.addInitScript(() => {
        window.longTasks = []
        new PerformanceObserver((list) => window.longTasks.push(...list.getEntries())).observe({ type: 'longtask' })
        const look = () => {
          const step = Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'))
          if (step > 0 && document.querySelector('fit-plot path.now[d]')) window.firstFitMs = performance.now()
          else requestAnimationFrame(look)
        }
        requestAnimationFrame(look)
      })
      await page.goto(`http://127.0.0.1:${port}/`)
      await page.waitForFunction(() => window.firstFitMs)
      await page.waitForTimeout(options.quick ? 2000 : 5000)
      visits.push(await page.evaluate(() => ({
        firstFit: window.firstFitMs,
        longest: Math.max(0, ...window.longTasks.filter(({ startTime }) => startTime > window.firstFitMs).map(({ duration }) => duration)),
      })))
      await context.close()
    }
    return { firstFit: visits.map(({ firstFit }) => firstFit), longest: visits.map(({ longest }) => longest) }
  } finally {
    server.close()
  }
}

/**
 * Milliseconds of the main thread's tasks in each frame: from one animation frame to the next, or, where
 * the page asks for none, in every 1/60 s of the time between. A task counts where it begins.
 */
function framesOf(events) {
  const animations = events.filter(({ name }) => name === 'FireAnimationFrame')
  const counts = new Map()
  for (const { pid, tid } of animations) counts.set(`${pid} ${tid}`, (counts.get(`${pid} ${tid}`) ?? 0) + 1)
  const [busiest] = [...counts].sort(([, a], [, b]) => b - a)[0] ?? []
  const onMain = events.filter(({ pid, tid }) => `${pid} ${tid}` === busiest).sort((a, b) => a.ts - b.ts)
  const tasks = onMain.filter(({ name, ph }) => name === 'ThreadControllerImpl::RunTask' && ph === 'X')
  const drawn = tasks.filter((task) => animations.some(({ ts, pid, tid }) =>
    `${pid} ${tid}` === busiest && ts >= task.ts && ts < task.ts + task.dur))
  const work = drawn.slice(0, -1).flatMap(({ ts }, at) => {
    const frames = Array.from({ length: Math.max(1, Math.round((drawn[at + 1].ts - ts) * 60 / 1e6)) }, () => ({ wall: 0, cpu: 0 }))
    for (const task of tasks) {
      if (task.ts < ts || task.ts >= drawn[at + 1].ts) continue
      const frame = frames[Math.min(frames.length - 1, Math.floor((task.ts - ts) * 60 / 1e6))]
      frame.wall += task.dur / 1000
      frame.cpu += (task.tdur ?? task.dur) / 1000
    }
    return frames
  })
  const sorted = (key) => work.map((each) => each[key]).sort((a, b) => a - b)
  return { count: work.length, wall: sorted('wall'), cpu: sorted('cpu') }
}

/** The reproduction of GEM's permutations, its GEM learner alone, natively and in PyTorch: seconds and accuracy. */
async function measureGem(folder) {
  if (!process.env.TORCH_PYTHON || !haveDigits) return undefined
  const { experiment } = JSON.parse(readFileSync(join(root, 'src/reproductions/gem-permutations.json'), 'utf8')).parts[0]
  const methods = experiment.methods.filter(({ kind }) => kind === 'gem')
  const tasks = { ...experiment.tasks, tasks: options.quick ? 5 : experiment.tasks.tasks }
  const file = join(folder, 'gem.json')
  writeFileSync(file, JSON.stringify({ ...experiment, tasks, methods }))
  const torch = new Program(process.env.TORCH_PYTHON, 'tools/rivals/pytorch.py')
  const runs = []
  for (let round = 0; round < (options.quick ? 3 : 5); round++) {
    const begun = performance.now()
    const { learners } = JSON.parse(execFileSync(join(root, 'build/native/palimpsest'),
      ['run', file, '--data', 'build/data', '--jobs', '1'], { cwd: root, encoding: 'utf8', maxBuffer: 1e9, stdio: ['ignore', 'pipe', 'ignore'] }))
    runs.push({ name: 'native', seconds: (performance.now() - begun) / 1000, accuracy: learners[0].metrics.average_accuracy })
    const [seconds, accuracy] = (await torch.ask(`run ${file} build/data/mnist`)).split(' ').map(Number)
    runs.push({ name: 'PyTorch', seconds, accuracy })
  }
  await torch.close()
  return { tasks: tasks.tasks, runs }
}

// Printing

const figure = (x) => (Number.isFinite(x) ? (x >= 100 ? Math.round(x).toString() : Number(x.toPrecision(3)).toString()) : '–')
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`)

function header(first, columns) {
  row(first, ...columns)
  row(...[first, ...columns].map(() => '---'))
}

/** The median over the rounds of other/ours. */
const ratio = (times, other, ours = 'Chromium') =>
  times?.[other]?.length && times[ours]?.length ? median(times[other].map((us, i) => us / times[ours][i])) : NaN

const share = (workload, us, peak) => flopsOf(workload) / us / 1e3 / peak

function printTimes(results, names, peak) {
  console.log('\nMicroseconds a training step (median)\n')
  header('', names)
  for (const { workload, times } of results) row(workload.name, ...names.map((name) => figure(times[name].length ? median(times[name]) : NaN)))
  console.log("\nAs a multiple of this engine's time in Chromium; what it reaches of the peak there and natively\n")
  header('', [...names.filter((name) => name !== 'Chromium'), 'peak, Chromium', 'peak, native'])
  for (const { workload, times } of results) {
    const shares = ['Chromium', 'native'].map((name) => // of zeros that are skipped nobody knows what they would have cost
      workload.data === 'digits' ? '–' : `${Math.round(100 * share(workload, median(times[name]), peak))} %`)
    row(workload.name, ...names.filter((name) => name !== 'Chromium').map((name) => figure(ratio(times, name))), ...shares)
  }
}

/** Each: [part, words, figure, whether it is reached]. */
function targetsOf(results, peak, gemRuns, quadratic, frames, visits) {
  const times = (name) => results.find(({ workload }) => workload.name === name)?.times
  const atLeast = (part, name, other, least) => {
    const value = ratio(times(name), other)
    return [part, `${name}: at least ${least} × as fast as ${other}`, value, value >= least]
  }
  const w1 = results.find(({ workload }) => workload.name === 'W1 SGD')
  const reached = w1 ? 100 * share(w1.workload, median(w1.times.Chromium), peak.best) : NaN
  const againstNative = (name) => {
    const value = 1 / ratio(times(name), 'native')
    return ['W1', `${name}: in Chromium at most 1.05 × the native time`, value, value <= 1.05]
  }
  const solved = quadratic?.flatMap(({ count, native, wasm }) => {
    const limit = count === 19 ? 1.5 : 100
    const error = Math.max(native.error, wasm.error)
    return [
      ['quadratic', `quadratic program, ${count} constraints, wasm: at most ${limit} µs`, wasm.us, wasm.us <= limit],
      ['quadratic', `quadratic program, ${count} constraints, native: at most ${limit} µs`, native.us, native.us <= limit],
      ['quadratic', `quadratic program, ${count} constraints: objective right to 1e-12`, error, error <= 1e-12],
    ]
  }) ?? []
  const longest = frames?.cpu.at(-1) ?? NaN
  const [firstFit, task] = visits ? [median(visits.firstFit), median(visits.longest)] : [NaN, NaN]
  const seconds = (of) => median(gemRuns.runs.filter(({ name }) => name === of).map(({ seconds }) => seconds))
  const faster = gemRuns ? seconds('PyTorch') / seconds('native') : NaN
  return [
    atLeast('W1', 'W1 SGD', 'TF.js wasm', 22),
    atLeast('W1', 'W1 SGD', 'PyTorch', 5),
    ['W1', 'W1 SGD: at least 70 % of the 128-bit peak', reached, reached >= 70],
    againstNative('W1 SGD'),
    atLeast('W1', 'W1 Adam', 'TF.js wasm', 30),
    atLeast('W1', 'W1 Adam', 'PyTorch', 9),
    againstNative('W1 Adam'),
    atLeast('W2', 'W2 dense', 'TF.js wasm', 15),
    atLeast('W2', 'W2 digits', 'TF.js wasm', 25),
    atLeast('W2', 'W2 digits', 'PyTorch', 4),
    atLeast('W3', 'W3 digits', 'TF.js wasm', 12),
    atLeast('W4', 'W4 digits', 'TF.js wasm', 20),
    atLeast('W4', 'W4 digits', 'jax-js', 7),
    atLeast('W4', 'W4 digits', 'PyTorch', 1),
    ['GEM', `a whole run of GEM: no longer than PyTorch's`, faster, faster >= 1],
    ...solved,
    ['frames', 'six learners at full speed: no frame works over 16 ms on the main thread', longest, longest <= 16],
    ['visit', 'a visit: the first fit within 1000 ms', firstFit, firstFit <= 1000],
    ['visit', 'a visit: no task over 50 ms after it', task, task <= 50],
  ].filter(([part]) => only.includes(part))
}

function printTargets(targets) {
  console.log('\nTargets\n')
  for (const [, words, value, holds] of targets) {
    console.log(`- ${Number.isNaN(value) ? 'not measured' : holds ? 'pass' : 'FAIL'}: ${words} (${Math.abs(value) < 1e-3 ? value.toExponential(1) : figure(value)})`)
  }
  if (targets.some(([, , value, holds]) => !holds && !Number.isNaN(value))) process.exitCode = 1
}

function printGem({ tasks, runs }) {
  console.log(`\nA whole run of GEM on permuted MNIST, ${tasks} tasks, each evaluated on all 10,000 images after every task\n`)
  header('', ['seconds', 'average accuracy'])
  for (const { name, seconds, accuracy } of runs) row(name, figure(seconds), figure(accuracy))
}

function printQuadratic(quadratic) {
  console.log("\nGEM's quadratic program: microseconds (median of problems with correlations from 0.1 to 0.99, the slowest of them)\n")
  header('constraints', ['native', 'wasm (Node)', "the objective's largest relative error"])
  for (const { count, native, wasm } of quadratic) row(count, figure(native.us), figure(wasm.us), Math.max(native.error, wasm.error).toExponential(1))
}

function printFrames({ steps, count, wall, cpu }) {
  const at = (values, share) => figure(values[Math.min(values.length - 1, Math.floor(share * values.length))])
  console.log(`\nSix learners of W1's size on the page at full speed: ${steps} steps of each in ${count} frames\n`)
  header('main thread, ms a frame', ['median', '99 %', 'longest'])
  row('processor', at(cpu, 0.5), at(cpu, 0.99), figure(cpu.at(-1)))
  row('by the clock', at(wall, 0.5), at(wall, 0.99), figure(wall.at(-1)))
}

function printVisits(visits) {
  console.log(`\n${rounds} visits of the page; tasks under 50 ms are not reported, and count as 0\n`)
  header('ms', ['median', 'least', 'most'])
  for (const [name, values] of [['first fit drawn', visits.firstFit], ['longest task after it', visits.longest]]) {
    row(name, figure(median(values)), figure(Math.min(...values)), figure(Math.max(...values)))
  }
}

async function measureAll(folder, browser) {
  const chosen = workloads.filter(({ part, data }) => only.includes(part) && (haveDigits || data !== 'digits'))
  const results = []
  const peak = { native: 0, wasm: 0 }
  if (chosen.length) {
    await bundle(folder)
    const server = await serveAll(folder)
    for (const workload of chosen) {
      console.error(`${workload.name} …`)
      const now = measurePeak()
      for (const key of Object.keys(peak)) peak[key] = Math.max(peak[key], now[key])
      // Each afresh: TensorFlow.js is several times slower in a page that has done other work.
      const contenders = await openContenders(browser, `http://127.0.0.1:${server.address().port}`)
      results.push({ workload, times: await measure(workload, contenders, folder) })
      for (const contender of Object.values(contenders)) await contender.close()
    }
    server.close()
  }
  const names = Object.keys(results[0]?.times ?? {})
  return { results, names, peak: { ...peak, best: Math.max(peak.native, peak.wasm) } }
}

async function main() {
  const unknown = only.filter((part) => !parts.includes(part))
  if (unknown.length) throw new Error(`--only: ${unknown.join(', ')} is none of ${parts.join(', ')}`)
  if (!haveDigits) console.log('The digits (tools/data mnist) are not there: only dense random inputs are measured.')
  const folder = mkdtempSync(join(tmpdir(), 'palimpsest-'))
  const browser = await launch()
  try {
    const { results, names, peak } = await measureAll(folder, browser)
    const gemRuns = only.includes('GEM') ? await measureGem(folder) : undefined
    const quadratic = only.includes('quadratic') ? measureQuadratic() : undefined
    const frames = only.includes('frames') ? await measureFrames(browser) : undefined
    const visits = only.includes('visit') ? await measureVisits(browser) : undefined
    console.log(`${rounds} rounds; load of the machine at the end: ${loadavg().map((x) => x.toFixed(1)).join(' ')}`)
    if (names.includes(slowTorch)) console.log('PyTorch runs on the reference BLAS here, which is no measure: tools/bench --install installs OpenBLAS.')
    if (results.length) {
      printTimes(results, names, peak.best)
      console.log(`\n4-lane peak: ${figure(peak.native)} · 10⁹ operations a second natively, ${figure(peak.wasm)} in wasm; the larger counts`)
    }
    if (gemRuns) printGem(gemRuns)
    if (quadratic) printQuadratic(quadratic)
    if (frames) printFrames(frames)
    if (visits) printVisits(visits)
    printTargets(targetsOf(results, peak, gemRuns, quadratic, frames, visits))
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true })
  }
}

main().catch((error) => {
  console.error(error.message)
  process.exitCode = 1
})
