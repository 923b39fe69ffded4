// Digits on the page: how they get there, the chapters, the images and the published tables.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createEngine } from '../../dist/engine.js'
import { accessible, accessibleInBoth, Browser, close, dist, fragmentOf, notInFirefox, openAll, Shown, until } from './browser.mjs'

const read = (path) => readFileSync(new URL(path, import.meta.url))
const json = (path) => JSON.parse(read(path))
const packFile = fileURLToPath(new URL('../../dist/digits.pack', import.meta.url))
const pack = readFileSync(packFile)
const [permuted, rotated, split] = ['permuted', 'rotated', 'split'].map((name) => json(`../presets/${name}-digits.json`))
const engine = await createEngine()
engine.data('pack', pack)

const small = {
  version: 1,
  seed: 4,
  tasks: { kind: 'split_digits', tasks: 3, points: 60, test_points: 40 },
  network: { hidden: [16] },
  training: { epochs: 2, batch_size: 10, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'gem', memory_per_task: 10 }, { kind: 'replay', memory_per_task: 10 }],
  record: { every: 6 },
}

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

/** Counts the requests for a file. */
function counted(page, name) {
  const asked = []
  page.on('request', (request) => new RegExp(`/${name}(-\\w+\\.js)?$`).test(request.url()) && asked.push(request.url()))
  return asked
}

const panel = (page) => page.getByRole('region', { name: 'The digits' })

// How they get there

test('the digits are fetched once, when an experiment is of them, for all workers, in both browsers', async () => {
  const page = await browser.blank()
  await page.addInitScript(() =>
    Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 3 }))
  const packs = counted(page, 'digits.pack')
  const parts = counted(page, 'digits')
  await page.goto(browser.origin)
  const shown = new Shown(page)
  await shown.started()
  assert.deepEqual([packs.length, parts.length], [0, 0])
  await page.evaluate((hash) => (location.hash = hash), fragmentOf(small))
  await until(async () => (await shown.cards.count()) === 3, 'the digits')
  await until(() => page.workers().length === 3, 'their workers')
  assert.equal(await shown.finish(), engine.run(small).digest)
  await page.evaluate((hash) => (location.hash = hash), fragmentOf({ ...small, seed: 5 }))
  await page.getByText('seed 5').waitFor()
  assert.equal(await shown.finish(), engine.run({ ...small, seed: 5 }).digest)
  assert.deepEqual([packs.length, parts.length], [1, 1])
  await close(page)
})

test('the bytes are counted as they come', notInFirefox('its network cannot be made slow'), async () => {
  const page = await browser.open(fragmentOf({ ...small, tasks: { kind: 'moons', points: 20 }, methods: [{ kind: 'joint' }] }))
  await new Shown(page).started()
  await page.evaluate(() => {
    window.seen = []
    new MutationObserver(() => {
      const progress = document.querySelector('.pack progress')
      if (progress) window.seen.push([progress.parentElement.innerText.trim(), progress.value, progress.max])
    }).observe(document.body, { subtree: true, childList: true, characterData: true })
  })
  const network = await page.context().newCDPSession(page)
  await network.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: 400_000, uploadThroughput: -1 })
  await page.evaluate((hash) => (location.hash = hash), fragmentOf(small))
  await until(async () => (await new Shown(page).cards.count()) === 3, 'the digits')
  const seen = await page.evaluate(() => window.seen)
  const counted = seen.filter(([, , max]) => max > 1)
  assert.ok(counted.length > 2, JSON.stringify(seen))
  for (const [text, value, max] of counted) {
    assert.equal(max, pack.length)
    assert.equal(text, `Fetching the digits: ${Math.round(value / 1000)} of ${Math.round(max / 1000)} kB`)
  }
  assert.ok(counted.some(([, value]) => value > 0 && value < pack.length))
  await close(page)
})

test('while the digits come, the page says so, and another chapter can be opened', async () => {
  const page = await browser.blank()
  let release
  const held = new Promise((resolve) => (release = resolve))
  await page.route('**/digits.pack', async (route) => {
    await held
    await route.continue()
  })
  await page.goto(`${browser.origin}/#preset=permuted-digits`)
  await panel(page).getByRole('progressbar').waitFor()
  assert.match(await panel(page).innerText(), /^Fetching the digits: 0 kB/)
  assert.equal(await page.getByText(permuted.story).count(), 1)
  const shown = new Shown(page)
  await shown.button('EWC').click()
  await shown.started()
  assert.equal(await panel(page).count(), 0)
  release()
  await shown.button(split.title).click()
  await until(async () => (await shown.cards.count()) === split.experiment.methods.length &&
    (await shown.button(split.title).getAttribute('aria-current')) === 'true', 'the digits')
  await close(page)
})

test('where the digits cannot be fetched, their file can be chosen', async () => {
  const page = await browser.blank()
  await page.route('**/digits.pack', (route) => route.abort())
  await page.goto(`${browser.origin}/${fragmentOf(small)}`)
  await panel(page).getByText('could not be fetched').waitFor()
  const input = panel(page).getByLabel(/digits\.pack/)
  await input.setInputFiles({ name: 'other.pack', mimeType: 'application/octet-stream', buffer: Buffer.alloc(50) })
  await panel(page).getByText(/is no pack of images/).waitFor()
  await input.setInputFiles({ name: 'part.pack', mimeType: 'application/octet-stream', buffer: pack.subarray(0, 9000) })
  await panel(page).getByText(/is damaged/).waitFor()
  await input.setInputFiles({ name: 'large.pack', mimeType: 'application/octet-stream', buffer: Buffer.alloc(2_000_001) })
  await panel(page).getByText('large.pack is too large').waitFor()
  await accessible(page)
  await input.setInputFiles(packFile)
  const shown = new Shown(page)
  await shown.started()
  assert.equal(await shown.finish(), engine.run(small).digest)
  page.faults = page.faults.filter((fault) => !/digits\.pack|ERR_FAILED/.test(fault))
  await close(page)
})

test('a fetch that failed is tried again when asked for', async () => {
  const page = await browser.blank()
  await page.route('**/digits.pack', (route) => route.fulfill({ status: 503 }), { times: 1 })
  await page.goto(`${browser.origin}/${fragmentOf(small)}`)
  await panel(page).getByText('status 503').waitFor()
  await new Shown(page).button('Try again').click()
  await new Shown(page).started()
  page.faults = page.faults.filter((fault) => !/503/.test(fault))
  await close(page)
})

test('the single file asks for the digits’ file, and fetches nothing, in both browsers', async () => {
  const page = await browser.blank()
  const asked = counted(page, 'digits.pack')
  await page.goto(`${pathToFileURL(dist)}palimpsest.html${fragmentOf(small)}`)
  await panel(page).getByText('This page is a single file').waitFor()
  assert.equal(await page.getByRole('button', { name: 'Try again' }).count(), 0)
  await panel(page).getByLabel(/digits\.pack/).setInputFiles(packFile)
  const shown = new Shown(page)
  await shown.started()
  assert.equal(await shown.finish(), engine.run(small).digest)
  assert.deepEqual(asked, [])
  await close(page)
})

// Images

test('every image has the network’s answer now and at the end of its task, in both browsers', async () => {
  const session = engine.open(small)
  const { tasks, outputs } = session.describe()
  while (session.step(1000) > 0);
  const { learners } = session.snapshot()
  session.close()
  const answer = (values, at, label) => {
    const of = [...values].slice(at * outputs, (at + 1) * outputs)
    const digit = of.indexOf(Math.max(...of))
    return `${digit === label ? '✓' : '✗'} ${digit}, ${Math.round(100 * of[digit])}%`
  }
  let at = 0
  const expected = tasks.flatMap(({ name, samples: { labels } }, task) => [...labels].map((label, place) => {
    const answers = learners.flatMap(({ samples: { now, ends } }) => [answer(now, at, label), answer(ends[task], at, label)])
    at++
    return [name, String(place + 1), String(label), ...answers]
  }))
  const page = await browser.open(fragmentOf(small))
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  await page.getByText('Images as a table').click()
  const table = page.getByRole('region', { name: /Images as a table/ })
  await table.locator('tbody tr').first().waitFor()
  const rows = await table.locator('tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())))
  assert.deepEqual(rows, expected)
  const right = expected.filter(([name, , , now]) => name === tasks[0].name && now.startsWith('✓')).length
  await shown.cards.first().getByRole('img', { name: new RegExp(`task 0/1: ${right}/10 now · \\d+/10 then$`) }).waitFor()
  await close(page)
})

test('on a phone a panel is as wide as the page, with all ten images, and the tasks’ names in the curves stay apart', async () => {
  const page = await browser.open(fragmentOf({ ...small, tasks: { kind: 'rotated_digits', tasks: 10, points: 20, test_points: 20 } }), { viewport: { width: 360, height: 740 } })
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  const images = shown.cards.first().locator('.images')
  const boxes = await images.nth(0).locator('digit-image').evaluateAll((all) => all.map((image) => image.getBoundingClientRect().toJSON()))
  assert.equal(boxes.length, 5)
  assert.ok(boxes.every(({ width, right }) => width > 45 && right <= 360), JSON.stringify(boxes))
  assert.equal(await images.nth(1).locator('digit-image').count(), 5)
  assert.deepEqual((await images.first().locator('.when').innerText()).split('\n'), ['now', 'then'])
  const names = await page.locator('curve-plot').first().locator('.stretch-name').evaluateAll((all) =>
    all.filter((name) => name.textContent.trim()).map((name) => name.getBoundingClientRect().toJSON()))
  assert.ok(names.length > 2)
  names.slice(1).forEach(({ left }, at) => assert.ok(left >= names[at].right, JSON.stringify(names)))
  await close(page)
})

test('the images are the pixels that the network gets', async () => {
  const session = engine.open(small)
  const [{ samples }] = session.describe().tasks
  session.close()
  const page = await browser.open(fragmentOf(small))
  await new Shown(page).started()
  const drawn = await page.locator('digit-image canvas').first().evaluate((canvas) =>
    [...canvas.getContext('2d').getImageData(0, 0, 28, 28).data].filter((_, at) => at % 4 === 3))
  assert.equal(await page.getByRole('button', { name: 'PyTorch script' }).count(), 0) // it would hold all images
  assert.deepEqual(drawn, [...samples.inputs.subarray(0, 784)].map((ink) => new Uint8ClampedArray([255 * ink])[0]))
  await close(page)
})

// The paper's table

test('the paper’s table has its figures and this run’s', async () => {
  const methods = [{ kind: 'gem', memory_per_task: 20, margin: 0.5 }, { kind: 'joint' }]
  const document = { ...small, tasks: { kind: 'permuted_digits', tasks: 3, points: 60, test_points: 50 }, methods }
  const { metrics } = engine.run(document).learners[0]
  const { published } = json('../../src/reproductions/gem-permutations.json').parts[0].rows.find(({ method }) => method === 'GEM')
  const page = await browser.open(fragmentOf(document))
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  const three = (value) => (value < 0 ? '−' : '') + Math.abs(value).toFixed(3)
  const rows = await page.locator('table.published tbody tr').evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())))
  assert.deepEqual(rows[0].slice(1, 5), [published.accuracy, metrics.average_accuracy,
    published.backward_transfer, (metrics.backward_transfer * 2) / 3].map(three))
  assert.match(rows[0][5], /256/)
  assert.deepEqual(rows[1].slice(1, 2), ['–'])
  assert.match(await page.getByText(/^Paper: /).innerText(), /20 tasks, 1\s000 training images.*This run is smaller: 3 tasks, 60 training and 50 test images/)
  await close(page)
})

for (const [name, scenario, published] of [['class', 'class', true], ['domain', 'domain', true], ['own inputs', '', false]]) {
  test(`the paper’s table is of the same kind of tasks: ${name}`, async () => {
    const tasks = scenario ? { ...small.tasks, scenario } : { kind: 'rotated_digits', tasks: 2, points: 40, test_points: 20, inputs: 'own' }
    const page = await browser.open(fragmentOf({ ...small, tasks }))
    await new Shown(page).started()
    const figures = await page.locator('table.published tbody td:nth-of-type(1)').allInnerTexts()
    const part = json('../../src/reproductions/split-mnist.json').parts.find((part) => part.name === scenario)
    assert.equal(figures.length > 0, published)
    if (part) assert.equal(figures[0], part.rows[0].published.accuracy.toFixed(3))
    await close(page)
  })
}

// For every reader

test('axe finds nothing among the digits, light or dark', async () => {
  const page = await browser.open(fragmentOf(small), { reducedMotion: 'reduce' })
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  await openAll(page)
  await page.getByRole('region', { name: /Images as a table/ }).waitFor()
  await accessibleInBoth(page)
  await close(page)
})

// What the chapters say

const program = fileURLToPath(new URL('../../build/native/palimpsest', import.meta.url))
const data = fileURLToPath(new URL('../../dist', import.meta.url)) // where the pack is

/** The learners of a chapter by their method, run with another seed. */
function learnersOf({ experiment }, seed) {
  const input = JSON.stringify({ ...experiment, seed, record: { every: 1000, parameters: false } })
  const { learners } = JSON.parse(execFileSync(program, ['run', '-', '--data', data], { input, maxBuffer: 1e9, stdio: ['pipe', 'pipe', 'ignore'] }))
  return Object.fromEntries(learners.map(({ method, metrics, matrix }) => [method.kind, { ...metrics, ends: matrix.accuracy.after.at(-1) }]))
}

test('permuted digits: GEM is highest and gains, EWC is near fine-tuning', () => {
  for (const seed of [1, 2, 3]) {
    const { finetune, ewc, gem, replay } = learnersOf(permuted, seed)
    assert.ok(finetune.backward_transfer < 0, `seed ${seed}`)
    assert.ok(Math.abs(ewc.average_accuracy - finetune.average_accuracy) < 0.05, `seed ${seed}`)
    assert.ok(gem.average_accuracy > Math.max(...[finetune, ewc, replay].map((other) => other.average_accuracy)), `seed ${seed}`)
    assert.ok(gem.backward_transfer > 0, `seed ${seed}`)
  }
})

test('rotated digits: fine-tuning keeps the last angles, EWC forgets and learns less, GEM is highest', () => {
  for (const seed of [1, 2]) {
    const { finetune, ewc, gem, replay, joint } = learnersOf(rotated, seed)
    assert.ok(Math.abs(gem.average_accuracy - joint.average_accuracy) < 0.03, `seed ${seed}`)
    assert.ok(Math.max(...finetune.ends.slice(0, 4)) < 0.25 && finetune.learning_accuracy > 0.8, `seed ${seed}`)
    assert.ok(ewc.backward_transfer > finetune.backward_transfer / 2, `seed ${seed}`)
    assert.ok(ewc.learning_accuracy < finetune.learning_accuracy - 0.1, `seed ${seed}`)
    assert.ok(gem.average_accuracy > Math.max(...[finetune, ewc, replay].map((other) => other.average_accuracy)), `seed ${seed}`)
  }
})

test('split digits: nearly all is an 8 or a 9 without a memory, and 0.8 is kept with one', () => {
  for (const seed of [1, 2, 3]) {
    const learners = learnersOf(split, seed)
    for (const kind of ['finetune', 'ewc']) assert.ok(Math.max(...learners[kind].ends.slice(0, -1)) < 0.05, `seed ${seed}`)
    for (const kind of ['gem', 'replay']) assert.ok(learners[kind].average_accuracy > 0.8, `seed ${seed}`)
    assert.ok(learners.joint.average_accuracy > 0.9, `seed ${seed}`)
  }
  const session = engine.open({ ...split.experiment, methods: split.experiment.methods.slice(0, 2) })
  while (session.step(1000) > 0);
  for (const { samples: { now } } of session.snapshot().learners) {
    const answers = Array.from({ length: 40 }, (_, at) => [...now.subarray(10 * at, 10 * at + 10)])
      .map((of) => of.indexOf(Math.max(...of)))
    assert.ok(answers.filter((digit) => digit >= 8).length >= 36, String(answers))
  }
  session.close()
})
