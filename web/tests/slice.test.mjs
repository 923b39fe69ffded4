// A plane through parameter space: its geometry, its losses, and how it is drawn.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { columns, fieldOf, gridOver, levelsOf, momentsOf, piecesOfGrid, planeThrough, rows, shadowOf, valleysOf } from '../src/inside/slice.js'
import { accessible, Browser, close, fragmentOf, Shown, small, until } from './browser.mjs'

const engine = await createEngine()

const document = (changes) => small({
  network: { hidden: [20, 6] },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 30 }, { kind: 'joint' }],
  ...changes,
})

/** By step and learner: the parameters, and each task's recorded loss. */
function recorded(document, steps) {
  const session = engine.open({ ...document, record: { ...document.record, parameters: true } })
  let done = 0
  const found = steps.map((step) => {
    if (step > done) session.step(step - done)
    done = step
    return session.result().learners.map(({ parameters, curves }) => ({ parameters, losses: curves.loss.map((loss) => loss.at(-1)) }))
  })
  session.close()
  return found
}

const dot = (a, b) => a.reduce((sum, x, at) => sum + x * b[at], 0)

// Without a page

test('a plane goes through its three points, its axes are of length 1 and at right angles', () => {
  const points = [[1, 2, 0, -1], [3, 1, 1, 1], [0, 0, 2, 5]].map((point) => Float32Array.from(point))
  const plane = planeThrough(...points)
  for (const [a, b, product] of [[plane.across, plane.across, 1], [plane.up, plane.up, 1], [plane.across, plane.up, 0]]) {
    assert.ok(Math.abs(dot(a, b) - product) < 1e-12)
  }
  for (const point of points) {
    const { x, y, off } = shadowOf(plane, point)
    assert.equal(off, 0)
    point.forEach((value, at) => assert.ok(Math.abs(plane.origin[at] + x * plane.across[at] + y * plane.up[at] - value) < 1e-6))
  }
  assert.ok(shadowOf(plane, points[2]).y > 0)
  // A point beside the plane, by 3 along what is at right angles to it.
  const beside = [0, 0, 1, 0].map((value, at) => value - plane.across[2] * plane.across[at] - plane.up[2] * plane.up[at])
  const length = Math.sqrt(dot(beside, beside))
  const shadow = shadowOf(plane, points[1].map((value, at) => value + (3 / length) * beside[at]))
  assert.ok(Math.abs(shadow.off - 3) < 1e-5 && Math.abs(shadow.y) < 1e-5 && Math.abs(shadow.x - Math.sqrt(10)) < 1e-5)
  const line = [[0, 0], [1, 1], [3, 3]].map((point) => Float32Array.from(point))
  assert.equal(planeThrough(...line), null)
  assert.equal(planeThrough(line[0], line[0], line[1]), null)
  assert.equal(planeThrough(line[0], line[1], Float32Array.of(NaN, 1)), null)
})

test('every place of the grid is computed once, and drawn from coarse to fine', () => {
  const pieces = piecesOfGrid()
  const places = pieces.flatMap(({ places }) => places)
  assert.deepEqual([...places].sort((a, b) => a - b), Array.from({ length: rows * columns }, (_, at) => at))
  const lossAt = (place) => [place, 10 * place + 1]
  const answers = pieces.map(({ places }) => places.map(lossAt))
  const before = (stride) => answers.map((answer, at) => (pieces[at].stride > stride ? answer : undefined))
  assert.equal(fieldOf(pieces, before(4)), null)
  for (const [missing, stride] of [[2, 4], [1, 2], [0, 1]]) {
    const field = fieldOf(pieces, before(missing))
    assert.equal(field.stride, stride)
    for (let row = 0; row < field.high; row++) {
      for (let column = 0; column < field.wide; column++) {
        const [first, second] = lossAt(row * stride * columns + column * stride)
        assert.equal(field.losses[0][row * field.wide + column], first)
        assert.equal(field.losses[1][row * field.wide + column], second)
      }
    }
  }
})

test('the valleys of a known function lie where they are', () => {
  const { xs, ys } = gridOver([{ x: -2, y: -1 }, { x: 2, y: 1 }])
  const at = (place) => [xs[place % columns], ys[Math.floor(place / columns)]]
  const pieces = piecesOfGrid()
  // Circles around (0.2, 0); of the second task, straight lines.
  const field = fieldOf(pieces, pieces.map(({ places }) => places.map(at).map(([x, y]) => [10 ** (Math.hypot(x - 0.2, y) - 2), 10 ** (x - 1)])))
  const levels = levelsOf(field)
  assert.deepEqual(levels, [1e-4, 1e-3, 0.01, 0.1, 1, 10, 100])
  const place = ([column, row]) => [xs[0] + (column / (columns - 1)) * (xs.at(-1) - xs[0]), ys[0] + (row / (rows - 1)) * (ys.at(-1) - ys[0])]
  const inside = ([x, y]) => x > xs[0] && x < xs.at(-1) && y > ys[0] && y < ys.at(-1)
  let compared = 0
  for (const { level, rings } of valleysOf(field, 0, levels)) {
    for (const [x, y] of rings.flat().map(place).filter(inside)) {
      assert.ok(Math.abs(Math.hypot(x - 0.2, y) - Math.log10(level) - 2) < 0.03, `${level}: ${x}, ${y}`)
      compared++
    }
  }
  for (const { level, rings } of valleysOf(field, 1, levels)) {
    for (const [x] of rings.flat().map(place).filter(inside)) {
      assert.ok(Math.abs(x - Math.log10(level) - 1) < 1e-9, `${level}: ${x}`)
      compared++
    }
  }
  assert.ok(compared > 200)
})

test('levels are round, the same for both tasks, and neither few nor many', () => {
  const of = (low, high) => levelsOf({ losses: [[low, 0, (low + high) / 2], [high, Infinity]] })
  assert.deepEqual(of(0.0025, 4), [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3])
  assert.deepEqual(of(0.25, 4), [0.3, 0.5, 0.7, 1, 1.5, 2, 3])
  assert.deepEqual(of(0.4, 0.9), [0.5, 0.7])
  assert.deepEqual(of(2e-9, 30), [1e-8, 1e-6, 1e-4, 0.01, 1])
})

test('a path’s moments are recorded ones, the ends of tasks among them, and few where the network is large', () => {
  const of = (parameters, every = 20) =>
    momentsOf({ steps: 1030, boundaries: [510, 1030], parameters, learners: [1, 2, 3], experiment: { record: { every } } })
  for (const moments of [of(100), of(100, 1), of(1e6), of(1e9)]) {
    assert.ok([0, 510, 1030].every((step) => moments.includes(step)))
    assert.ok(moments.length <= 64)
    assert.deepEqual(moments, [...new Set(moments)].sort((a, b) => a - b))
  }
  assert.equal(of(100).length, 54)
  assert.ok(of(100).every((step) => step % 20 === 0 || step === 510 || step === 1030))
  assert.ok(of(1e6).length < 12)
})

test('losses at the start, at the ends of tasks and anywhere in the plane', () => {
  for (const run of [document(), document({ tasks: { kind: 'moons', tasks: 2, points: 20 } })]) {
    const points = recorded(run, [0, 300, 600])
    const session = engine.open({ ...run, methods: [{ kind: 'finetune' }] })
    const { tasks } = session.describe()
    for (const learners of points) {
      for (const { parameters, losses } of learners) assert.deepEqual(losses.map((_, task) => session.loss(task, parameters)), losses)
    }
    const [[{ parameters: start }], [, { parameters: anchor }], [, { parameters: end }]] = points
    const plane = planeThrough(anchor, end, start)
    const { x } = shadowOf(plane, end)
    const there = Float32Array.from(anchor, (value, at) => value + x * plane.across[at])
    assert.ok(Math.abs(session.loss(0, there) / session.loss(0, end) - 1) < 1e-4)
    const widths = [tasks[0].test.inputs.length / tasks[0].test.count, 20, 6, tasks[0].test.labels ? 2 : 1]
    for (const [x, y] of [[0.3, 0.7], [-1, 0.5], [0.9, -0.2]]) {
      const parameters = Float32Array.from(anchor, (value, at) => value + x * plane.across[at] + y * plane.up[at])
      for (const task of [0, 1]) {
        const expected = lossOf(widths, parameters, tasks[task].test)
        assert.ok(Math.abs(session.loss(task, parameters) / expected - 1) < 1e-4, `${x}, ${y}: ${expected}`)
      }
    }
    assert.throws(() => session.loss(2, anchor), /no such task/)
    assert.throws(() => session.loss(0, anchor.slice(1)), /not as many/)
    session.close()
  }
})

/** By definition, in double precision: mean squared error, or cross-entropy where there are labels. */
function lossOf(widths, parameters, { inputs, targets, labels, count }) {
  let sum = 0
  for (let row = 0; row < count; row++) {
    let [values, at] = [[...inputs.slice(row * widths[0], (row + 1) * widths[0])], 0]
    for (let layer = 1; layer < widths.length; layer++) {
      const weights = parameters.slice(at, (at += widths[layer - 1] * widths[layer]))
      const biases = parameters.slice(at, (at += widths[layer]))
      values = Array.from(biases, (bias, unit) => bias + dot(values, weights.slice(unit * values.length, (unit + 1) * values.length)))
      if (layer + 1 < widths.length) values = values.map(Math.tanh)
    }
    sum += labels ? Math.log(values.reduce((all, value) => all + Math.exp(value), 0)) - values[labels[row]] : (values[0] - targets[row]) ** 2
  }
  return sum / count
}

// In the page

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

const complete = (view) => until(async () => (await view.locator('slice-plot svg').count()) && !(await view.locator('slice-view progress').count()) &&
  view.locator('slice-plot').evaluate((plot) => !plot.isUpdatePending), 'the valleys')

/** The page at the end of the run, with the slice open and complete. */
async function opened({ run = document(), path = fragmentOf(run), ...options } = {}) {
  const page = await browser.open(path, options)
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  await page.getByRole('heading', { name: 'The inside' }).click()
  await page.getByRole('heading', { name: 'The valleys of the losses' }).click()
  await complete(page)
  return { page, shown }
}

/** What is drawn, in pixels: the valleys' rings by task and level, and the marks with their text in the table. */
async function drawn(page) {
  const table = page.getByRole('region', { name: 'The points as a table' })
  if (!(await table.count())) await page.getByText('The points as a table').click()
  await table.waitFor()
  return page.evaluate(() => {
    const plot = window.document.querySelector('slice-plot')
    const valleys = [0, 1].map((which) => [...plot.querySelectorAll(`path.valley${which ? '.second' : ':not(.second)'}`)].map((path) => ({
      level: Number(path.dataset.level), rings: path.getAttribute('d').split('Z').filter(Boolean)
        .map((ring) => ring.slice(1).split('L').map((point) => point.split(',').map(Number))),
    })))
    const marks = [...plot.querySelectorAll('path.place')].map((path) => {
      const { x, y, width, height } = path.getBBox()
      return { kind: path.dataset.kind, off: path.classList.contains('off'), at: [x + width / 2, y + height / 2], method: /method-(\d)/.exec(path.getAttribute('class'))?.[1] }
    })
    const table = [...window.document.querySelectorAll('slice-view table tbody tr')].map((row) => [...row.children].map((cell) => cell.textContent))
    return { valleys, marks, table, here: [...plot.querySelectorAll('.here')].map((circle) => [circle.getAttribute('cx'), circle.getAttribute('cy')]) }
  })
}

/** Even and odd: rings within rings are holes. */
const holds = (rings, [x, y]) => rings.reduce((within, ring) => ring.reduce((inside, [fromX, fromY], at) => {
  const [toX, toY] = ring[(at + 1) % ring.length]
  return (fromY > y) !== (toY > y) && x < fromX + ((y - fromY) / (toY - fromY)) * (toX - fromX) ? !inside : inside
}, within), false)

test('what lies in the plane lies in exactly the valleys that its recorded losses say, in both browsers', async () => {
  const { page } = await opened()
  const { valleys, marks, table } = await drawn(page)
  const [, middle, end] = recorded(document(), [0, 300, 600])
  const points = { anchor: middle[1], 'end 0': end[0], 'end 1': end[1] }
  const inPlane = marks.filter(({ off }) => !off)
  assert.deepEqual(inPlane.map(({ kind, method }) => (kind === 'end' ? `end ${method}` : kind)).sort(), Object.keys(points).sort())
  assert.deepEqual(marks.filter(({ off }) => off).map(({ kind, method }) => `${kind} ${method ?? ''}`.trim()).sort(), ['end 2', 'start'])
  let [within, without] = [0, 0]
  for (const { kind, method, at } of inPlane) {
    const { losses } = points[kind === 'end' ? `end ${method}` : kind]
    for (const task of [0, 1]) {
      assert.ok(valleys[task].length > 2)
      for (const { level, rings } of valleys[task]) {
        if (Math.abs(Math.log10(losses[task] / level)) < 0.1) continue // nearer than the grid can tell
        assert.equal(holds(rings, at), losses[task] < level, `${kind} ${method}, task ${task}: ${losses[task]} and ${level}`)
        if (losses[task] < level) within++
        else without++
      }
    }
  }
  assert.ok(within > 5 && without > 5, `${within} within, ${without} without`)
  const row = (name) => table.find(([first]) => first.startsWith(name))
  assert.equal(table.length, 5)
  assert.equal(row('EWC')[4], '0')
  assert.notEqual(row('Joint')[4], '0')
  for (const [name, losses] of [['θ*', middle[1].losses], ['EWC', end[1].losses], ['Joint', end[2].losses]]) {
    for (const task of [0, 1]) assert.ok(Math.abs(Number(row(name)[5 + task]) / losses[task] - 1) < 0.06, `${name}: ${row(name)}`)
  }
  assert.doesNotMatch(table.flat().join(), /NaN|undefined|∞/)
  const label = await page.locator('slice-plot svg').getAttribute('aria-label')
  assert.match(label, /^Valleys of the losses in a plane of EWC\. Every place on this map is one setting of all \d+ weights and biases\. In the valley of A/)
  const named = await page.locator('slice-plot').evaluate((plot) => [...plot.querySelectorAll('.valley-name')].map((name) => {
    const box = name.getBoundingClientRect()
    const covers = (other) => box.left < other.right && other.left < box.right && box.top + 3 < other.bottom && other.top + 3 < box.bottom
    return { text: name.textContent, under: [...plot.querySelectorAll('.tag')].filter((tag) => covers(tag.getBoundingClientRect())).length }
  }))
  assert.deepEqual(named, ['valley of A', 'valley of B'].map((text) => ({ text, under: 0 })))
  assert.doesNotMatch(label, /NaN|undefined|∞/)
  await close(page)
})

test('the third point may be the start or another end, and the method another one, in both browsers', async () => {
  const { page } = await opened()
  const inPlane = async () => (await drawn(page)).marks.filter(({ off }) => !off).map(({ kind, method }) => method ?? kind).sort()
  const third = page.getByRole('combobox', { name: 'The plane also goes through' })
  await third.selectOption({ label: 'the start θ₀' })
  await complete(page)
  assert.deepEqual(await inPlane(), ['1', 'anchor', 'start'])
  await third.selectOption({ label: 'the end of joint training' })
  await complete(page)
  assert.deepEqual(await inPlane(), ['1', '2', 'anchor'])
  await page.getByRole('combobox', { name: 'Method', exact: true }).selectOption({ label: 'Fine-tuning' })
  await complete(page)
  assert.deepEqual(await inPlane(), ['0', '2', 'anchor'])
  await close(page)
})

test('of several tasks any two are drawn, and the plane ends where the second ends', async () => {
  const run = document({ tasks: { kind: 'sines', points: 30, tasks: 3 }, methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 30 }] })
  const { page } = await opened({ run })
  await page.getByRole('combobox', { name: 'Second task' }).selectOption('B')
  await complete(page)
  const { table } = await drawn(page)
  const [, , end] = recorded(run, [0, 300, 600])
  const row = table.find(([first]) => first.startsWith('EWC'))
  for (const task of [0, 1]) assert.ok(Math.abs(Number(row[5 + task]) / end[1].losses[task] - 1) < 0.06, String(row))
  await page.getByRole('combobox', { name: 'First task' }).waitFor()
  await close(page)
})

test('the ring on the path is where the moment shown is', async () => {
  const { page, shown } = await opened()
  const moment = page.getByRole('slider', { name: /^Moment of the training/ })
  const anchor = (await drawn(page)).marks.find(({ kind }) => kind === 'anchor').at
  const end = (await drawn(page)).here
  assert.equal(end.length, 2)
  await moment.fill('300')
  const far = ([x, y]) => Math.hypot(Number(x) - anchor[0], Number(y) - anchor[1])
  await until(async () => (await drawn(page)).here.every((ring) => far(ring) < 1), 'the ring at the end of the first task')
  await shown.button('Back to now').click()
  await until(async () => JSON.stringify((await drawn(page)).here) === JSON.stringify(end), 'the ring at the end')
  await close(page)
})

test('with one task there is nothing to draw, and nothing is computed', async () => {
  const page = await browser.open('#preset=regularisation')
  const shown = new Shown(page)
  await shown.started()
  await page.getByRole('heading', { name: 'The inside' }).click()
  await page.getByRole('heading', { name: 'The valleys of the losses' }).click()
  await page.getByText('This needs two tasks').waitFor()
  await shown.finish()
  await page.waitForTimeout(1000) // in which it would begin
  assert.equal(await page.locator('slice-view progress').count(), 0)
  await close(page)
})

test('it is computed in workers, only while it is open, and no longer for an experiment that has changed', async () => {
  const page = await browser.blank()
  await page.addInitScript(() => {
    window.errands = []
    const { postMessage } = Worker.prototype
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message.type === 'errand') window.errands.push([message.kind, message.document.seed])
      if (message.type === 'drop') window.errands.push(['drop'])
      return postMessage.call(this, message, ...rest)
    }
  })
  const long = document({ training: { steps_per_task: 100_000, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.003 } }, record: { every: 1000 } })
  await page.goto(`${browser.origin}/${fragmentOf(long)}`)
  const shown = new Shown(page)
  await shown.started()
  const errands = () => page.evaluate(() => window.errands)
  await page.getByRole('heading', { name: 'The inside' }).click()
  const heading = page.getByRole('heading', { name: 'The valleys of the losses' })
  await heading.waitFor()
  assert.deepEqual(await errands(), [])
  await heading.click()
  await until(async () => (await errands()).length, 'the first errand')
  await shown.button('New seed').click()
  await until(async () => (await errands()).some(([, seed]) => seed === 6), 'the other experiment')
  const after = (await errands()).map(([kind, seed]) => seed ?? kind)
  assert.ok(after.includes('drop'), String(after))
  assert.deepEqual(after.slice(after.indexOf('drop')).filter((what) => what === 5), [])
  await heading.click()
  await until(async () => !(await page.locator('slice-view').count()), 'it to close')
  const closed = (await errands()).filter(([kind]) => kind !== 'drop').length
  await page.waitForTimeout(500)
  assert.equal((await errands()).filter(([kind]) => kind !== 'drop').length, closed)
  await close(page)
})

test('no fault that axe finds, light and dark, and it fits 360 pixels', async () => {
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 360, height: 780 } }]) {
    const { page } = await opened(options)
    await page.getByText('The points as a table').click()
    await page.getByRole('region', { name: 'The points as a table' }).waitFor()
    await accessible(page)
    assert.ok(await page.evaluate(() => window.document.documentElement.scrollWidth <= innerWidth))
    await close(page)
  }
})

test('it opens in the one-file page, from a file and in a sandboxed frame', async () => {
  await browser.elsewhere(fragmentOf(document()), async (view) => {
    await view.getByRole('heading', { name: 'The inside' }).click()
    await view.getByRole('heading', { name: 'The valleys of the losses' }).click()
    await complete(view)
  })
})
