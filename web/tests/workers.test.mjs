// The learners spread over several workers: the same run, however many there are.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { deal, joinDocuments, shareOf } from '../src/shares.js'
import { Browser, close, fragmentOf, notInFirefox, Shown, small, until } from './browser.mjs'

const document = small({
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem' }, { kind: 'joint' }, { kind: 'l2', lambda: 1 }],
  alterations: [
    { step: 350, learner: 4, key: 'lambda', value: 3 },
    { step: 400, learner: 1, key: 'lambda', value: 300 },
    { step: 450, learner: 4, key: 'lambda', value: 9 },
  ],
})

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

/** The page on a machine of so many cores. */
async function withCores(cores, document, options) {
  const page = await browser.blank(options)
  await page.addInitScript((cores) =>
    Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => cores }), cores)
  await page.goto(`${browser.origin}/${fragmentOf(document)}`)
  const shown = new Shown(page)
  await shown.started()
  return { page, shown }
}

test('learners are dealt out, and their documents put together again', async () => {
  const engine = await createEngine()
  const session = engine.open(document)
  const whole = session.describe().experiment
  session.close()
  for (const engines of [1, 2, 3, 5, 8]) {
    const shares = deal(document.methods.length, engines)
    assert.equal(shares.length, Math.min(engines, 5))
    assert.deepEqual(shares.flat().sort(), [0, 1, 2, 3, 4])
    const documents = shares.map((share) => {
      const part = engine.open(shareOf(document, share))
      const { experiment } = part.describe()
      part.close()
      return experiment
    })
    assert.deepEqual(joinDocuments(documents, shares), whole)
  }
})

test('one digest with 1, 2 and 5 workers and in Node, in both browsers', async () => {
  const engine = await createEngine()
  const result = engine.run(document)
  for (const cores of [1, 2, 5]) {
    const { page, shown } = await withCores(cores, document)
    await until(() => page.workers().length === cores, 'the workers')
    assert.equal(await shown.finish(), result.digest)
    await shown.button('All metrics and digests').click()
    await page.locator('table.numbers tbody code').first().waitFor()
    const digests = await page.locator('table.numbers tbody code').allInnerTexts()
    assert.deepEqual(digests, result.learners.map(({ digest }) => digest))
    await close(page)
  }
})

test('what is altered by hand reaches its own learner, and the link replays it', async () => {
  const { alterations, ...rest } = document
  const { page, shown } = await withCores(2, rest)
  const card = shown.cards.nth(4)
  await card.locator('summary').first().click()
  const lambda = card.getByRole('spinbutton', { name: /^λ|strength/i })
  await shown.passes(20)
  await lambda.fill('7')
  await lambda.press('Enter')
  await card.getByText(/altered by hand/).waitFor()
  assert.equal(await page.getByText(/altered by hand/).count(), 1)
  const digest = await shown.finish()
  const link = new URL(await shown.link())
  await close(page)
  const other = await browser.open(link.hash)
  const again = new Shown(other)
  await again.started()
  assert.equal(await again.finish(), digest)
  await close(other)
})

test('every frame shows all learners at one step', async () => {
  const { page, shown } = await withCores(3, document)
  await page.evaluate(() => {
    window.uneven = []
    window.frames = 0
    const app = window.document.querySelector('palimpsest-app')
    app.lab.addEventListener('change', () => {
      const { snapshot } = app.lab.state
      window.frames++
      const last = new Set(snapshot.learners.map(({ curves }) => curves.step.at(-1)))
      if (last.size > 1) window.uneven.push([...last])
    })
  })
  await shown.finish()
  assert.deepEqual(await page.evaluate(() => window.uneven), [])
  assert.ok(await page.evaluate(() => window.frames) > 1)
  await close(page)
})

test('a fault is said once', async () => {
  const { page } = await withCores(5, { ...document, methods: [...document.methods, { kind: 'nope' }] })
  assert.equal(await page.getByRole('alert').count(), 1)
  assert.match(await page.getByRole('alert').innerText(), /methods\[5\]/)
  await close(page)
})

test('an engine that breaks is said once', async () => {
  const page = await browser.blank()
  await page.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 5 })
    const Real = window.Worker
    window.Worker = class extends Real {
      constructor(...given) {
        super(...given)
        setTimeout(() => this.onmessage({ data: { type: 'failed', message: 'broken on purpose' } }), 300)
      }
    }
  })
  await page.goto(`${browser.origin}/${fragmentOf(document)}`)
  await until(async () => (await page.getByRole('alert').count()) > 0, 'the notice')
  await page.waitForTimeout(500)
  assert.equal(await page.getByText('broken on purpose').count(), 1)
  await close(page)
})

/** The processor's milliseconds of each task of the page's main thread, longest first. */
async function mainThread(page, action) {
  await browser.program.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] })
  await action()
  const { traceEvents } = JSON.parse((await browser.program.stopTracing()).toString())
  const threads = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain')
    .map(({ pid, tid }) => `${pid} ${tid}`))
  return traceEvents.filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid} ${tid}`))
    .map(({ tdur }) => (tdur ?? 0) / 1000).sort((a, b) => b - a)
}

test('six learners at full speed leave the main thread free', notInFirefox('it has no trace of its main thread'), async (t) => {
  const six = {
    version: 1,
    seed: 1,
    tasks: { kind: 'sines' },
    network: { hidden: [64, 64] },
    training: { steps_per_task: 3000, batch_size: 32, optimizer: { kind: 'adam', learning_rate: 0.001 } },
    methods: [1, 2, 3, 4, 5, 6].map((lambda) => ({ kind: 'l2', lambda })),
    record: { every: 20 },
  }
  const { page, shown } = await withCores(2, six)
  await shown.finish() // once before, so that the code is compiled
  await shown.button('Reset').click()
  await until(async () => (await shown.step()) === 0, 'step 0')
  const before = performance.now()
  const tasks = await mainThread(page, async () => {
    await shown.button('Play').click()
    await shown.finish()
  })
  t.diagnostic(`${Math.round(6e6 / (performance.now() - before))} steps a second; the longest tasks of the main thread: ${tasks.slice(0, 5).map((ms) => ms.toFixed(1)).join(', ')} ms`)
  assert.ok(tasks.length > 50, `${tasks.length} tasks`)
  // A long task is one of 50 ms; that a frame's work stays below 16 ms is held by tools/bench, on a machine
  // that does nothing else.
  assert.ok(tasks[Math.ceil(tasks.length / 500)] < 50, String(tasks.slice(0, 10))) // but for a rare collection of garbage
  await close(page)
})
