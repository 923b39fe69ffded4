// The same documents in every build of the engine. They follow from the catalogue: a new method,
// activation, optimizer or task is covered without a change here.
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { serve } from './serve.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const fromWeb = createRequire(join(root, 'web/package.json'))
const patienceMs = 120_000
const data = join(root, 'build/data')
const pack = readFileSync(join(data, 'digits.pack')).toString('base64')
const stepsATask = 12
const alteredAt = stepsATask + 2 // in the second task, when there is something to remember

// Documents

const size = 0.5 // for numbers, and
const count = 5 // for integers that shall not have their defaults

const within = ({ minimum, maximum }, value) => Math.min(Math.max(value, minimum), maximum)
const other = {
  number: (parameter) => within(parameter, parameter.default === size ? size / 2 : size),
  integer: (parameter) => within(parameter, count),
  boolean: (parameter) => !parameter.default,
}

/** The entry with its defaults, with other numbers, and once with each other choice. */
function variants({ kind, parameters }) {
  const numbers = parameters.filter(({ type }) => type in other)
    .map((parameter) => [parameter.key, other[parameter.type](parameter)])
  const choices = parameters.filter(({ type }) => type === 'choice')
    .flatMap((parameter) => parameter.choices.map(({ value }) => ({ [parameter.key]: value, kind, parameter })))
    .filter((variant) => variant[variant.parameter.key] !== variant.parameter.default)
    .map(({ parameter, ...variant }) => ({
      ...variant,
      ...Object.fromEntries(parameters.filter(({ when }) => when && variant[when.key] === when.value)
        .map((hidden) => [hidden.key, other[hidden.type](hidden)])),
    }))
  return [{ kind }, ...(numbers.length ? [{ kind, ...Object.fromEntries(numbers) }] : []), ...choices]
}

/** Generated tasks with few examples. */
const small = ({ kind, parameters }) => ({
  kind,
  ...Object.fromEntries(parameters.filter(({ type, default: many }) => type === 'integer' && many > 20)
    .map((parameter) => [parameter.key, within(parameter, 21)])),
})

/** The small tasks, and once with each other choice; all digits are the pack's. */
const taskVariants = (entry) => [
  small(entry),
  ...entry.parameters.filter(({ type, key }) => type === 'choice' && key !== 'data').flatMap(({ key, choices, default: usual }) =>
    choices.filter(({ value }) => value !== usual).map(({ value }) => ({ ...small(entry), [key]: value }))),
]

/** Fixed numbers from 0 to 1, by a linear congruential generator. */
function generator(state) {
  return () => (state = (state * 1664525 + 1013904223) % 2 ** 32) / 2 ** 32
}

/** Three tasks of three classes in five inputs; `zeros`: the share of the inputs that are zero. */
function classes(zeros) {
  const random = generator(1)
  const examples = () => {
    const inputs = Array.from({ length: 21 }, () =>
      Array.from({ length: 5 }, () => (random() < zeros ? 0 : 2 * random() - 1)))
    return { inputs, labels: inputs.map(() => Math.floor(3 * random())) }
  }
  const tasks = ['A', 'B', 'C'].map((name) => ({ name, train: examples(), test: examples() }))
  return { kind: 'explicit', loss: 'cross_entropy', tasks }
}

const regression = { kind: 'sines', tasks: 3, points: 21, test_points: 11 }
const losses = { mse: regression, cross_entropy: classes(0) }

/** So fast that the tasks get into each other's way, and the methods have something to do. */
const fast = { kind: 'adam', learning_rate: 0.03 }

function experiment(changes) {
  return {
    version: 1,
    seed: 7,
    tasks: regression,
    methods: [{ kind: 'finetune' }],
    ...changes,
    network: { hidden: [9, 6], ...changes.network },
    training: { steps_per_task: stepsATask, batch_size: 5, optimizer: fast, ...changes.training },
    record: { every: 5, importance: true, gradients: true },
  }
}

const forBothLosses = (name, changes) =>
  Object.entries(losses).map(([loss, tasks]) => ({ name: `${name}, ${loss}`, document: experiment({ tasks, ...changes }) }))

function methodDocuments(entry) {
  const alterations = entry.parameters.filter(({ live, type }) => live && type === 'number')
    .map((parameter) => ({ step: alteredAt, learner: 0, key: parameter.key, value: other.number(parameter) }))
  return forBothLosses(entry.kind, { methods: variants(entry), alterations })
}

function trainingDocuments(catalogue) {
  const regularisers = ['l1', 'l2', 'weight_decay'].map((key) => ({ kind: 'finetune', training: { [key]: 0.01 } }))
  const decoupled = { kind: 'finetune', training: { weight_decay: 0.01, decoupled: true } }
  const initialization = catalogue.network.find(({ key }) => key === 'initialization')
  return [
    ...forBothLosses('regularisation', { methods: [...regularisers, decoupled] }),
    ...initialization.choices.flatMap(({ value }) => forBothLosses(`initialization ${value}`, { network: { initialization: value } })),
    ...forBothLosses('whole batches', { training: { batch_size: 0 } }),
    ...forBothLosses('wide', { network: { hidden: [40, 33] }, training: { batch_size: 20 } }),
    ...forBothLosses('one method after another', { methods: catalogue.methods.map(({ kind }, at, { length }) =>
      ({ kind, before: [{ kind: catalogue.methods[(at + 4) % length].kind, until: alteredAt }] })) }),
    { name: 'sparse inputs', document: experiment({ tasks: classes(0.8), methods: catalogue.methods.map(({ kind }) => ({ kind })) }) },
    { name: 'divergence', document: experiment({ training: { optimizer: { kind: 'sgd', learning_rate: 10 } }, network: { activation: 'identity' } }) },
  ]
}

/** GEM's quadratic program by itself: dependent constraints among them. */
function problems() {
  const random = generator(2)
  const vector = () => Array.from({ length: 8 }, () => 2 * random() - 1)
  const constraints = Array.from({ length: 12 }, vector)
  const gradient = vector().map((x, i) => x - constraints[0][i] - constraints[5][i])
  return [
    { name: 'quadratic program', problem: { gradient, constraints: constraints.slice(0, 5) } },
    { name: 'quadratic program, dependent', problem: { gradient, constraints, margin: 0.1, epsilon: 0.001 } },
  ]
}

function documentsFrom(catalogue) {
  return [
    ...catalogue.methods.flatMap(methodDocuments),
    ...catalogue.activations.flatMap(({ kind }) => forBothLosses(kind, { network: { activation: kind }, methods: [{ kind: 'finetune' }, { kind: 'ewc' }] })),
    ...catalogue.optimizers.flatMap((entry) => forBothLosses(entry.kind, { methods: variants(entry).map((optimizer) => ({ kind: 'finetune', training: { optimizer } })) })),
    ...catalogue.tasks.filter(({ kind }) => kind !== 'explicit')
      .flatMap((entry) => taskVariants(entry).map((tasks, at) =>
        ({ name: `tasks ${entry.kind}${at ? `, ${Object.values(tasks).at(-1)}` : ''}`, document: experiment({ tasks }) }))),
    ...trainingDocuments(catalogue),
    ...problems(),
  ]
}

// Digests

const bitsOf = ({ projected, multipliers }) => new Uint32Array(Float64Array.of(...projected, ...multipliers).buffer)

/** FNV-1a with 64 bits. */
function digestOf(words) {
  const bytes = new Uint8Array(Uint32Array.from(words).buffer)
  const hash = bytes.reduce((sum, byte) => BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n)
  return hash.toString(16).padStart(16, '0')
}

const asDigest = (answer) => (typeof answer === 'string' ? answer : digestOf(answer))

function native(program) {
  const run = (command, input, ...more) =>
    JSON.parse(execFileSync(program, [command, ...more], { input: JSON.stringify(input), maxBuffer: 1 << 28, stdio: 'pipe', timeout: patienceMs }))
  return (entries) => entries.map(({ document, problem }) => {
    try {
      return document ? run('run', document, '--data', data).digest : bitsOf(run('project', problem))
    } catch (error) {
      return String(error.stderr || error.message)
    }
  })
}

/** In whatever finds the module at `address`: Node, or a page. Stands by itself, to be sent there. */
async function inEngine({ address, text, pack }) {
  const { createEngine } = await import(address)
  const engine = await createEngine()
  engine.data('pack', Uint8Array.from(atob(pack), (byte) => byte.charCodeAt(0)))
  return JSON.parse(text).map(({ document, problem }) => {
    try {
      if (document) return engine.run(document).digest
      const { projected, multipliers } = engine.project(problem)
      return [...new Uint32Array(Float64Array.of(...projected, ...multipliers).buffer)]
    } catch (error) {
      return String(error.message)
    }
  })
}

/** In a thread of its own, which can be ended where it hangs. */
async function inNode(entries) {
  const workerData = { address: pathToFileURL(join(root, 'dist/engine.js')).href, text: JSON.stringify(entries), pack }
  const thread = new Worker(new URL(import.meta.url), { workerData })
  const patience = setTimeout(() => thread.terminate(), patienceMs)
  try {
    const [answers] = await Promise.race([
      once(thread, 'message'),
      once(thread, 'exit').then(() => { throw new Error('ended without an answer') }),
    ])
    return answers
  } finally {
    clearTimeout(patience)
  }
}

/** In a page of this machine's server, under the policy of the real one but without its scripts. */
async function inBrowser(browser, entries) {
  const { server, port } = await serve(join(root, 'dist'), 0)
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${port}/style.css`)
    const running = page.evaluate(inEngine, { address: `http://127.0.0.1:${port}/engine.js`, text: JSON.stringify(entries), pack })
    const patience = setTimeout(() => browser.close(), patienceMs)
    return await running.finally(() => clearTimeout(patience))
  } finally {
    await browser.close()
    server.close()
  }
}

async function inChromium(entries) {
  const { chromium } = fromWeb('playwright-core')
  return inBrowser(await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
      '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage'],
  }), entries)
}

async function inFirefox(entries) {
  const { default: puppeteer } = await import(pathToFileURL(fromWeb.resolve('puppeteer-core')).href)
  return inBrowser(await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true }), entries)
}

// Platforms

const clang = join(root, 'build/clang/palimpsest')
const firefox = (process.env.PATH ?? '').split(delimiter)
  .flatMap((folder) => [join(folder, 'firefox-esr'), join(folder, 'firefox')]).find((path) => existsSync(path))

/** `lacks`: why it cannot run here. */
const platforms = [
  { name: 'g++', run: native(join(root, 'build/native/palimpsest')) },
  { name: 'clang++', run: native(clang), lacks: !process.env.CLANG && 'there is no clang++' },
  { name: `Node ${process.versions.node}`, run: inNode },
  { name: 'Chromium', run: inChromium, lacks: !process.env.CHROMIUM && 'there is no Chromium' },
  { name: 'Firefox', run: inFirefox, lacks: !firefox && 'firefox-esr is not installed' },
]

/** One answer a document. What breaks off as a whole answers every document with its error. */
async function answersOf({ name, run }, entries) {
  const started = performance.now()
  let answers
  try {
    answers = await run(entries)
  } catch (error) {
    answers = entries.map(() => String(error.message))
  }
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return answers.map(asDigest).map((answer) => answer.trim().split('\n')[0])
}

async function main() {
  const { createEngine } = await import(pathToFileURL(join(root, 'dist/engine.js')).href)
  const entries = documentsFrom((await createEngine()).catalogue())
  const here = platforms.filter(({ lacks }) => !lacks)
  const columns = []
  for (const platform of here) columns.push(await answersOf(platform, entries))
  console.log(`\n| document | ${here.map(({ name }) => name).join(' | ')} | |`)
  console.log(`|---|${here.map(() => '---|').join('')}---|`)
  const different = entries.filter(({ name }, i) => {
    const answers = columns.map((column) => column[i])
    const same = answers.every((answer) => answer === answers[0] && /^[0-9a-f]{16}$/.test(answer))
    console.log(`| ${name} | ${answers.join(' | ')} | ${same ? '' : 'DIFFERENT'} |`)
    return !same
  })
  console.log()
  for (const { name, lacks } of platforms) if (lacks) console.log(`not run in ${name}: ${lacks}`)
  for (const { name } of different) console.log(`not the same everywhere: ${name}`)
  console.log(`${entries.length - different.length} passed, ${different.length} failed`)
  if (different.length) process.exitCode = 1
}

if (isMainThread) await main()
else parentPort.postMessage(await inEngine(workerData))
