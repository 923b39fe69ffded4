// The inside of a learner: the springs as numbers, and as they are drawn.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { clipped, planeOf } from '../src/inside/plane.js'
import { movedBy, roundedUp, springsOf } from '../src/inside/springs.js'
import { accessible, Browser, close, fragmentOf, Shown, until } from './browser.mjs'

const engine = await createEngine()

const document = (changes = {}) => ({
  version: 1,
  seed: 5,
  tasks: { kind: 'sines', points: 30 },
  network: { hidden: [20, 6] },
  training: { steps_per_task: 300, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem', memory_per_task: 5 }, { kind: 'l2', lambda: 1 }],
  record: { every: 20, parameters: true },
  ...changes,
})

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

/** The page at the end of the run, and the inside of the method of this name. */
async function opened(method, { path = fragmentOf(document()), ...options } = {}) {
  const page = await browser.open(path, options)
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  await page.getByRole('heading', { name: 'The inside' }).click()
  const choice = page.getByRole('combobox', { name: 'Method', exact: true })
  await until(() => choice.count(), 'the inside to load')
  if (method) await choice.selectOption({ label: method })
  const drawing = page.getByRole('img', { name: method ? new RegExp(`^Network of ${method}`, 'i') : /^Network of/ })
  await until(() => drawing.count(), 'the network')
  return { page, shown, drawing }
}

test('a scale is the least of 1, 2 and 5 that holds what is there', () => {
  for (const [value, scale] of [[0.3, 0.5], [0.5, 0.5], [1.01, 2], [7, 10], [0.002, 0.002], [0, 0]]) {
    assert.ok(Math.abs(roundedUp(value) - scale) < 1e-12, `${value}`)
  }
  assert.equal(roundedUp(NaN), 0)
})

test('springs: every parameter once, in the document’s order, with its levels', () => {
  const inside = {
    units: [[0], [3, 7], [0]],
    values: [1, 2, 3, 4, 5, 6, 7], anchors: [1, 1, 3, 4, 5, 6, 6.5],
    stiffness: [0, 1, 0.02, 0.05, 0.2, 0.5, 0.001], tension: [0, 0.4, 0, -0.003, 0.03, -0.1, 0.2],
  }
  const model = springsOf(inside)
  assert.deepEqual(model.springs.map(({ layer, from, to }) => [layer, from, to]),
    [[0, 0, 0], [0, 0, 1], [0, null, 0], [0, null, 1], [1, 0, 0], [1, 1, 0], [1, null, 0]])
  assert.deepEqual(model.springs.map(({ change }) => change), [0, 1, 0, 0, 0, 0, 0.5])
  assert.deepEqual(model.springs.map(({ width }) => width), [0, 4, 1, 2, 3, 4, 0])
  assert.equal(model.tensest, 0.5)
  // Where θ is above its anchor the penalty's slope is positive, and the spring pulls down.
  assert.deepEqual(model.springs.map(({ pull }) => pull), [0, -3, 0, 0, -1, 2, -2])
  assert.deepEqual(movedBy(model), { stiff: 0.5, slack: 0.25 })
  const free = springsOf({ ...inside, stiffness: null, tension: null })
  assert.equal(free.held, false)
  assert.deepEqual(free.springs.map(({ width, pull }) => [width, pull])[1], [4, 0])
  assert.equal(movedBy(free), null)
})

test('the engine’s session and the native network agree on what is inside', () => {
  const session = engine.open(document())
  session.step(450)
  const inside = session.inside(1, 100)
  assert.equal(inside.step, 450)
  assert.deepEqual(inside.units.map(({ length }) => length), [1, 20, 6, 1])
  assert.deepEqual(inside.values, session.result().learners[1].parameters)
  assert.equal(inside.tension.length, inside.values.length)
  assert.deepEqual(session.inside(1, 4).units.map(({ length }) => length), [1, 4, 4, 1])
  assert.equal(session.inside(0, 4).stiffness, null)
  session.close()
})

test('the springs are drawn, named, told and tabled, in both browsers', async () => {
  const { page, drawing } = await opened('EWC')
  const name = await drawing.getAttribute('aria-label')
  assert.match(name, /Step 600\. .* Thick: those tasks need the weight, so its spring is stiff\./)
  const [, stiff, slack] = /stiffest quarter of these weights has moved by ([\d.]+)\S* on average since the end of task A, the slackest quarter by ([\d.]+)\./.exec(name)
  assert.ok(Number(slack) > Number(stiff))
  assert.match((await page.locator('.spring-legend').innerText()), /Thickness: stiffness \(importance\).*Colour: tension \(∂penalty\/∂θ\)/s)
  const looks = await drawing.locator('path.spring').evaluateAll((paths) => paths.map((path) => ({
    className: path.getAttribute('class'), width: Number(path.getAttribute('stroke-width')), dash: getComputedStyle(path).strokeDasharray,
    colour: getComputedStyle(path).stroke, lines: path.getAttribute('d').split('M').length - 1,
  })))
  // All parameters between the units drawn: 1, 8 of 20, 6, 1.
  assert.equal(looks.reduce((sum, { lines }) => sum + lines, 0), 8 + 8 + 48 + 6 + 6 + 1)
  assert.ok(new Set(looks.map(({ width }) => width)).size >= 4)
  const pulled = (way) => looks.filter(({ className }) => className.includes(way))
  assert.ok(pulled('up').length && pulled('down').length)
  for (const { dash } of pulled('down')) assert.notEqual(dash, 'none')
  for (const { dash } of pulled('up')) assert.equal(dash, 'none')
  assert.match(await drawing.textContent(), /8 of 20/)
  await page.getByText('The 16 strongest as a table').click()
  const table = page.getByRole('region', { name: 'The 16 strongest as a table' })
  await until(async () => (await table.getByRole('row').count()) === 17, 'the table')
  assert.doesNotMatch(await table.innerText(), /NaN|undefined|∞/)
  await close(page)
})

test('the inside follows the scrubber: springs and projection are those of the moment that is shown', async () => {
  const { page, shown } = await opened('GEM')
  const moment = page.getByRole('slider', { name: /^Moment of the training/ })
  const choice = page.getByRole('combobox', { name: 'Method', exact: true })
  const drawn = (step) => until(() => page.evaluate((step) => {
    const { inside } = window.document.querySelector('inside-panel')
    return inside?.step === step && JSON.stringify(inside, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value))
  }, step), `the inside of step ${step}`).then(JSON.parse)
  for (const [learner, method, step] of [[2, 'GEM', 420], [1, 'EWC', 420], [1, 'EWC', 340], [1, 'EWC', 500]]) {
    await choice.selectOption({ label: method })
    await moment.fill(String(step))
    const { model, learner: of, ...inside } = await drawn(step)
    const alone = engine.open(document())
    alone.step(step)
    assert.deepEqual(inside, JSON.parse(JSON.stringify(alone.inside(learner, 8), (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value))), `${method} ${step}`)
    alone.close()
  }
  await page.getByRole('img', { name: /^Network of EWC. Step 500\./ }).waitFor()
  await shown.button('Back to now').click()
  await drawn(600)
  // A run that is left while its past is asked for does not keep the next one's inside away.
  await moment.fill('20')
  await shown.button('New seed').click()
  await page.getByRole('img', { name: /^Network of EWC/ }).waitFor()
  await shown.finish()
  await drawn(600)
  await close(page)
})

test('a method without springs shows what has moved', async () => {
  const { page, drawing } = await opened('Fine-tuning')
  assert.match(await drawing.getAttribute('aria-label'), /No springs here.* since the end of task A/)
  assert.equal(await drawing.locator('.up, .down').count(), 0)
  await close(page)
})

test('equal springs are drawn alike, and the legend says so', async () => {
  const { page, drawing } = await opened('L2 to the old weights')
  assert.equal((await drawing.locator('path.spring').evaluateAll((paths) =>
    [...new Set(paths.map((path) => path.getAttribute('stroke-width')))])).length, 1)
  await page.getByText('1.0, all alike').waitFor()
  await close(page)
})

test('the engine is asked for the inside only while it is open, one answer at a time', async () => {
  const page = await browser.blank()
  await page.addInitScript(() => {
    window.asked = []
    let pending = 0
    window.Worker = class extends Worker {
      constructor(...given) {
        super(...given)
        this.addEventListener('message', ({ data }) => (pending -= data.type === 'looked'))
      }

      postMessage(message, ...rest) {
        if (message.type === 'inside') window.asked.push(pending++)
        super.postMessage(message, ...rest)
      }
    }
  })
  await page.goto(`${browser.origin}/${fragmentOf(document())}`)
  const shown = new Shown(page)
  await shown.started()
  await shown.passes(40)
  const count = () => page.evaluate(() => window.asked.length)
  assert.equal(await count(), 0)
  const summary = page.getByRole('heading', { name: 'The inside' })
  await summary.click()
  await until(async () => (await count()) > 5, 'some frames of the inside')
  assert.ok((await page.evaluate(() => window.asked)).every((pending) => pending === 0))
  await summary.click()
  await until(async () => (await page.locator('inside-panel').count()) === 0, 'the inside to close')
  const before = await count()
  await shown.passes((await shown.step()) + 20)
  assert.equal(await count(), before)
  await close(page)
})

test('a frame of the springs takes at most 4 ms', async (t) => {
  const { page } = await opened('EWC')
  const ms = await page.evaluate(() => {
    const plot = window.document.querySelector('network-plot')
    const { springs, ...scales } = plot.model
    const times = []
    for (let frame = 0; frame < 40; frame++) {
      plot.model = { ...scales, springs: springs.map((spring, at) => ({ ...spring, width: (spring.width + at + frame) % 5, pull: (at + frame) % 7 - 3 })) }
      const begun = performance.now()
      plot.performUpdate() // without waiting for its turn
      plot.getBoundingClientRect()
      times.push(performance.now() - begun)
    }
    return times.sort((a, b) => a - b)[20]
  })
  t.diagnostic(`${ms.toFixed(2)} ms`)
  assert.ok(ms <= 4, `${ms} ms`)
  await close(page)
})

test('the inside has no fault that axe finds, light and dark, and fits 360 pixels, in both browsers', async () => {
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 360, height: 780 } }]) {
    const { page } = await opened('EWC', options)
    await page.getByText('The 16 strongest as a table').click()
    await page.getByRole('region', { name: 'The 16 strongest as a table' }).waitFor()
    await accessible(page)
    assert.ok(await page.evaluate(() => window.document.documentElement.scrollWidth <= innerWidth))
    await close(page)
  }
})

test('the keyboard opens the inside and chooses the method', async () => {
  const page = await browser.open(fragmentOf(document()))
  const shown = new Shown(page)
  await shown.started()
  await page.locator('details.inside > summary').focus()
  await page.keyboard.press('Enter')
  const choice = page.getByRole('combobox', { name: 'Method', exact: true })
  await until(() => choice.count(), 'the inside to load')
  await choice.focus()
  await page.keyboard.press('ArrowDown')
  await until(() => page.getByRole('img', { name: /^Network of GEM/ }).count(), 'the next method')
  await close(page)
})

test('the inside opens in the one-file page, from a file and in a sandboxed frame', async () => {
  await browser.elsewhere(fragmentOf(document()), async (view) => {
    await view.getByRole('heading', { name: 'The inside' }).click()
    await until(() => view.getByRole('img', { name: /^Network of EWC/ }).count(), 'the network')
  })
})

test('the plane of a gradient and its projection holds every product that GEM saw', () => {
  const dot = (a, b) => a.reduce((sum, x, at) => sum + x * b[at], 0)
  const gradient = [1, -2, 0.5, 3, -1]
  const constraints = [[-1, 1, 0, 0.2, 0], [0, 0.5, 1, -1, 0.3], [1, 1, 1, 1, 1]]
  const { projected, multipliers } = engine.project({ gradient, constraints })
  const [norm, used] = [gradient, projected].map((vector) => Math.sqrt(dot(vector, vector)))
  const products = (vector) => constraints.map((each) => dot(vector, each))
  const plane = planeOf({
    norm, used_norm: used, cosine: dot(gradient, projected) / (norm * used), active: true,
    before: products(gradient), after: products(projected), multipliers,
    norms: constraints.map((each) => Math.sqrt(dot(each, each))),
  })
  assert.ok(plane.constraints.some(({ active }) => active))
  for (const { k, along, across } of plane.constraints) {
    for (const [drawn, vector] of [[plane.g, gradient], [plane.projected, projected]]) {
      assert.ok(Math.abs(norm * dot(drawn, [along, across]) - dot(vector, constraints[k])) < 1e-9, `${k}`)
    }
  }
  assert.ok(Math.abs(Math.hypot(...plane.projected) - used / norm) < 1e-9)
  const half = clipped([[-1, -1], [1, -1], [1, 1], [-1, 1]], { along: 1, across: 0 })
  assert.deepEqual(half.map(([x, y]) => [x + 0, y + 0]).sort(), [[0, -1], [0, 1], [1, -1], [1, 1]].sort())
})

test('what GEM does to the gradient is drawn, told and tabled, in both browsers', async () => {
  const { page } = await opened('GEM')
  const drawing = page.getByRole('img', { name: /^The gradient and its projection/ })
  await until(() => drawing.count(), 'the projection')
  const [, acted, all] = /So far (\d+) of (\d+) steps were projected/.exec(await drawing.getAttribute('aria-label'))
  assert.equal(Number(all), 300)
  assert.ok(Number(acted) > 0 && Number(acted) < 300)
  assert.equal(await drawing.locator('path.arrow').count(), 2)
  assert.equal(await drawing.locator('path.allowed').count(), 1)
  const rows = page.getByRole('region', { name: 'The gradient and its projection' }).getByRole('row')
  assert.equal(await rows.count(), 2)
  assert.doesNotMatch(await rows.last().innerText(), /NaN|undefined|∞/)
  await accessible(page)
  await close(page)
})
