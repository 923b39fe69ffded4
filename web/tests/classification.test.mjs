// Classification in the plane, and what a method does to the training, as readers see them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { formatLoss } from '../src/format.js'
import { looksOf, markPath, methodClass, taskClass } from '../src/marks.js'
import { classesOf, pictureOf } from '../src/plots/pictures.js'
import { regions } from '../src/plots/regions.js'
import { accessibleInBoth, Browser, close, fragmentOf, openAll, Shown, until } from './browser.mjs'


const plane = (tasks, methods = [{ kind: 'finetune' }, { kind: 'gem', memory_per_task: 10 }]) => ({
  version: 1,
  seed: 5,
  tasks: { kind: 'moons', points: 40, test_points: 40, ...tasks },
  network: { hidden: [12] },
  training: { steps_per_task: 200, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods,
  record: { every: 20 },
})

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

async function finished(document, options) {
  const page = await browser.open(fragmentOf(document), options)
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  return { page, shown }
}

/** The area inside a path of closed polygons, by the shoelace formula. */
function area(path) {
  let sum = 0
  for (const ring of path.split('z').filter(Boolean)) {
    const points = []
    for (const [, command, numbers] of ring.matchAll(/([MLHV])([^MLHV]*)/g)) {
      const [a, b] = numbers.split(',').map(Number)
      const [x, y] = points.at(-1) ?? []
      points.push(command === 'H' ? [a, y] : command === 'V' ? [x, a] : [a, b])
    }
    sum += Math.abs(points.reduce((twice, [x, y], at) => {
      const [nextX, nextY] = points[(at + 1) % points.length]
      return twice + x * nextY - nextX * y
    }, 0)) / 2
  }
  return sum
}

test('regions cover the plane once, and borders run between them', () => {
  const xs = [0, 10, 20, 30]
  const ys = [30, 20, 10, 0]
  for (const classes of [
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1],
    [0, 1, 0, 1, 1, 0, 1, 0, 2, 2, 1, 1, 3, 0, 0, 2],
  ]) {
    const leads = classes.map((_, at) => 1 + (at % 3))
    const { fills, border } = regions([...classes, ...leads], xs, ys)
    assert.deepEqual([...fills.keys()].sort(), [...new Set(classes)].sort())
    const whole = [...fills.values()].reduce((sum, path) => sum + area(path), 0)
    assert.ok(Math.abs(whole - 900) < 1, String(whole)) // the corners are rounded
    assert.equal(border === '', fills.size === 1)
  }
  // Where the classes' outputs cross: a quarter of the way, and halfway.
  assert.equal(regions([0, 0, 1, 1, 1, 2, 3, 2], [0, 10], [10, 0]).border, 'M10,5L0,7.5')
})

test('classes belong to their task, or to all of them', () => {
  const task = (labels) => ({ train: { labels: Float64Array.from(labels) } })
  const own = classesOf({ tasks: [task([0, 1, 0]), task([3, 2])] })
  assert.deepEqual(own.get(3), { task: 1, place: 1 })
  assert.deepEqual(own.get(0), { task: 0, place: 0 })
  const shared = classesOf({ tasks: [task([0, 1]), task([1, 0])] })
  assert.deepEqual(shared.get(1), { task: null, place: 1 })
})

test('25 tasks have marks of their own', () => {
  const marks = Array.from({ length: 25 }, (_, task) => `${taskClass(task)} ${markPath(task)}`)
  assert.equal(new Set(marks).size, 25)
})

test('a method’s look is its own in every chapter, and every learner’s differs', async () => {
  const catalogue = (await createEngine()).catalogue()
  const [, joint] = looksOf(['finetune', 'joint', 'ewc'])
  assert.deepEqual(looksOf(['gem', 'ewc', 'joint'])[2], joint)
  const many = looksOf(['replay', 'replay', 'replay', 'replay', 'derpp', 'gem', 'agem', 'a new one']).map((look) => JSON.stringify(look))
  assert.equal(new Set(many).size, 8)
  const all = looksOf(catalogue.methods.map(({ kind }) => kind)).map((look) => JSON.stringify(look))
  assert.equal(new Set(all).size, all.length)
  assert.equal(new Set(all.map((_, learner) => methodClass(learner))).size, all.length)
})

// How colours look without one kind of cone: Machado, Oliveira & Fernandes 2009, severity 1, on linear
// RGB; how far apart two are: Oklab (Ottosson 2020), a hundredfold. 2 is about what can be seen.
const sights = {
  all: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protanopia: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deuteranopia: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
}
const times = (matrix, vector) => matrix.map((row) => row.reduce((sum, factor, at) => sum + factor * vector[at], 0))

function seen(hex, sight) {
  const linear = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  const cones = times([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005]], times(sights[sight], linear).map((value) => Math.max(0, value)))
  return times([[0.2104542553, 0.793617785, -0.0040720468], [1.9779984951, -2.428592205, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.808675766]], cones.map(Math.cbrt))
}

test('the hues of methods stay apart for the colour-blind, in light and in dark', () => {
  const sheet = readFileSync(new URL('../src/style.css', import.meta.url), 'utf8')
  const themes = sheet.split('prefers-color-scheme: dark').slice(0, 2)
  for (const theme of themes) {
    const hues = Object.fromEntries([...theme.matchAll(/--hue-(\d): (#\w{6})/g)].map(([, hue, colour]) => [hue, colour]))
    assert.equal(Object.keys(hues).length, 8)
    for (const sight of Object.keys(sights)) {
      for (const [a, b] of [[0, 2], [0, 3], [0, 4], [0, 5], [2, 3], [2, 4], [2, 5], [3, 4], [3, 5], [4, 5]]) { // 1 is always dashed
        const apart = 100 * Math.hypot(...seen(hues[a], sight).map((value, at) => value - seen(hues[b], sight)[at]))
        assert.ok(apart > 6, `${hues[a]} and ${hues[b]} with ${sight}: ${apart}`)
      }
    }
  }
})

/** The tasks' colours in the legend, as numbers of sRGB, and the paper's. */
const taskColours = (page) => page.evaluate(() => {
  const context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })
  const hex = (colour) => {
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    return `#${[...context.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((value) => value.toString(16).padStart(2, '0')).join('')}`
  }
  const keys = [...document.querySelectorAll('.fits .legend .mark')].map((mark) => hex(getComputedStyle(mark).fill))
  return { keys, paper: hex(getComputedStyle(document.body).backgroundColor) }
})

const lightness = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
  .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0)

for (const colorScheme of ['light', 'dark']) {
  test(`many tasks that turn have an ordered ramp of colours, seen by all, and few their own: ${colorScheme}, in both browsers`, async () => {
    const turning = (tasks, rotation = 20) => plane({ kind: 'boundaries', tasks, rotation }, [{ kind: 'finetune' }])
    const page = await browser.open(fragmentOf(turning(10)), { colorScheme })
    const shown = new Shown(page)
    await shown.started()
    const { keys, paper } = await taskColours(page)
    assert.equal(keys.length, 10)
    for (const [at, key] of keys.entries()) {
      const [low, high] = [lightness(key), lightness(paper)].sort((a, b) => a - b)
      assert.ok((high + 0.05) / (low + 0.05) >= 3, `${key} on ${paper}`)
      if (at === 0) continue
      assert.ok(lightness(key) > lightness(keys[at - 1]), `${keys[at - 1]}, ${key}: in order`)
      for (const sight of Object.keys(sights)) {
        const before = seen(keys[at - 1], sight)
        const apart = 100 * Math.hypot(...seen(key, sight).map((value, axis) => value - before[axis]))
        assert.ok(apart > 2, `${keys[at - 1]} and ${key} with ${sight}: ${apart}`)
      }
    }
    const own = await page.evaluate(() => [0, 1, 2].map((at) => getComputedStyle(document.documentElement).getPropertyValue(`--mark-${at}`).trim()))
    await close(page)
    for (const [tasks, rotation] of [[3, 20], [6, 0]]) {
      const other = await browser.open(fragmentOf(turning(tasks, rotation)), { colorScheme })
      await new Shown(other).started()
      const { keys: theirs } = await taskColours(other)
      assert.equal(theirs.length, tasks)
      assert.deepEqual(theirs.slice(0, 3), own)
      await close(other)
    }
  })
}

test('what cannot be drawn has no picture', () => {
  const labels = { train: { labels: new Float64Array(1) } }
  const targets = { train: { targets: new Float32Array(1) } }
  assert.equal(pictureOf({ grid: { x: [0], y: null }, tasks: [targets] }), 'line')
  assert.equal(pictureOf({ grid: { x: [0], y: [0] }, tasks: [labels] }), 'plane')
  assert.equal(pictureOf({ grid: { x: [0], y: [0] }, tasks: [targets] }), null)
  assert.equal(pictureOf({ grid: null, tasks: [labels] }), null)
})

for (const [scenario, tints] of [['task', /task-1/], ['domain', /shared/], ['class', /task-/]]) {
  test(`points and regions are drawn: ${scenario}, in both browsers`, async () => {
    const { page } = await finished(plane({ scenario, tasks: 2 }))
    const plots = page.locator('plane-plot')
    assert.equal(await plots.count(), 2)
    const classes = await plots.first().locator('path').evaluateAll((paths) => paths.map((path) => path.getAttribute('class')))
    assert.equal(classes.filter((name) => /point/.test(name)).length, 4) // two classes of two tasks
    assert.equal(classes.filter((name) => /hollow/.test(name)).length, 2)
    assert.ok(classes.filter((name) => /region/.test(name)).every((name) => tints.test(name)), classes.join())
    assert.ok(await plots.nth(1).locator('path.now').getAttribute('d'))
    const colour = (path) => path.evaluate((element) => getComputedStyle(element).stroke)
    const legend = page.locator('.fits .legend')
    for (const [at, key] of (await legend.locator('path.now').all()).entries()) assert.equal(await colour(key), await colour(plots.nth(at).locator('path.now')))
    assert.equal(await colour(legend.locator('path.end')), await colour(plots.first().locator('path.end')))
    assert.equal(((await plots.nth(1).locator('path.kept').getAttribute('d')).match(/M/g)).length, 10) // of task A, a ring each
    assert.equal(await plots.first().locator('path.kept[d*=M]').count(), 0)
    assert.equal(await page.getByRole('img', { name: /classes that .* gives to the plane. Test accuracy at this step: task A/ }).count(), 2)
    await page.getByText('Regions as a table').click()
    const table = page.getByRole('region', { name: /Regions as a table/ })
    await until(async () => (await table.locator('tr').count()) > 2, 'the table')
    const shares = await table.locator('tr td:nth-of-type(1)').allInnerTexts()
    const whole = shares.reduce((sum, share) => sum + Number(share), 0)
    assert.ok(Math.abs(whole - 1) < 0.005 * shares.length + 1e-9, `${shares} is ${whole}`)
    assert.doesNotMatch(await page.locator('main').innerText(), /NaN|undefined|\[object/)
    await close(page)
  })
}

test('accuracy first, and the loss when asked for', async () => {
  const { page } = await finished(plane({ scenario: 'domain', tasks: 2 }))
  const curve = page.locator('curve-plot path.curve').first()
  const accuracy = await curve.getAttribute('d')
  assert.equal(await page.locator('curve-plot .axis-name', { hasText: 'test accuracy' }).count(), 2)
  await page.getByRole('button', { name: 'All metrics and digests' }).click()
  const headings = (await page.locator('table.numbers thead').innerText()).toLowerCase()
  assert.match(headings, /average accuracy.*learning accuracy.*backward transfer.*forward transfer.*forgetting/s)
  await page.getByRole('button', { name: 'test loss', exact: true }).click()
  await until(async () => (await page.locator('curve-plot .axis-name', { hasText: 'cross-entropy' }).count()) === 2, 'the loss')
  assert.notEqual(await curve.getAttribute('d'), accuracy)
  assert.match((await page.locator('table.numbers thead').innerText()).toLowerCase(), /test loss.*average accuracy.*a\s*b/s)
  await close(page)
})

test('twenty tasks: a mean, one task to choose, and nothing wider than the page', async () => {
  const { page } = await finished(plane({ scenario: 'class', tasks: 20 }), { viewport: { width: 360, height: 740 } })
  assert.equal(await page.locator('curve-plot').count(), 2)
  const second = page.locator('curve-plot').nth(1).locator('path.curve').first()
  const before = await second.getAttribute('d')
  await page.getByRole('combobox', { name: 'Task', exact: true }).selectOption('7')
  await until(async () => (await second.getAttribute('d')) !== before, 'the curves of task H')
  assert.match(await page.getByRole('article').first().innerText(), /mean so far/)
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(content <= window, `${content} in ${window}`)
  await close(page)
})

test('more inputs than a plane: the curves alone, and why', async () => {
  const example = (size, answer) => ({ inputs: [Array(size).fill(0), Array(size).fill(1)], ...answer })
  for (const [size, loss, answer] of [[3, 'cross_entropy', { labels: [0, 1] }], [2, 'mse', { targets: [[0], [1]] }]]) {
    const tasks = ['A', 'B'].map((name) => ({ name, train: example(size, answer) }))
    const { page } = await finished({ ...plane(), tasks: { kind: 'explicit', loss, tasks } })
    assert.equal(await page.getByText(/cannot be drawn/).count(), 2)
    assert.equal(await page.locator('plane-plot, fit-plot').count(), 0)
    assert.equal(await page.locator('curve-plot').count(), 2)
    await close(page)
  }
})

test('classes over one input are drawn as a line', async () => {
  const tasks = ['A', 'B'].map((name) => ({ name, train: { inputs: [[0], [1], [2]], labels: [0, 1, 1] } }))
  const { page } = await finished({ ...plane(), tasks: { kind: 'explicit', loss: 'cross_entropy', tasks } })
  assert.ok(await page.locator('fit-plot path.now').first().getAttribute('d'))
  await close(page)
})

test('the chapter on domains tells the truth over five seeds', async () => {
  const { experiment } = JSON.parse(readFileSync(new URL('../presets/domains.json', import.meta.url), 'utf8'))
  const engine = await createEngine()
  const [finetune, ewc, gem, derpp, joint] = [0, 1, 2, 3, 4]
  for (let seed = 1; seed <= 5; seed++) {
    const { learners } = engine.run({ ...experiment, seed, record: { every: 1000 } })
    const ends = learners.map(({ matrix }) => [...matrix.accuracy.after.at(-1)])
    for (const at of [finetune, ewc]) {
      assert.ok(ends[at].slice(0, -1).every((accuracy) => accuracy < 0.6), `seed ${seed}: ${ends[at]}`)
    }
    const average = learners.map(({ metrics }) => metrics.average_accuracy)
    assert.ok(average[ewc] < average[finetune] + 0.05, `seed ${seed}: ${average}`)
    for (const at of [gem, derpp]) assert.ok(average[at] > average[joint] - 0.03, `seed ${seed}: ${average}`)
  }
})

// Is it acting?

test('a method that does nothing says so, and one that acts does not', async () => {
  const methods = [{ kind: 'finetune' }, { kind: 'ewc', lambda: 1e-9 }, { kind: 'ewc', lambda: 1e6 }]
  const { page, shown } = await finished(plane({ scenario: 'domain', tasks: 2 }, methods))
  const idle = await Promise.all([0, 1, 2].map((at) => shown.cards.nth(at).getByText('Does nothing in B').count()))
  assert.deepEqual(idle, [0, 1, 0]) // of fine-tuning nothing is expected
  const { learners: [, idler, actor], step } = await page.evaluate(() => {
    const { snapshot } = document.querySelector('palimpsest-app').lab.state
    return { step: snapshot.step, learners: snapshot.learners.map(({ curves, diagnostics }) => ({ step: [...curves.step], cosine: [...diagnostics.cosine] })) }
  })
  const angles = actor.cosine.filter((_, at) => actor.step[at] > step / 2).map((cosine) => (Math.acos(Math.min(1, cosine)) * 180) / Math.PI)
  const turned = angles.filter((angle) => angle > 0.01)
  const details = page.getByText(/^Is it acting\?/)
  await details.click()
  const turns = page.getByRole('listitem').filter({ hasText: /of the steps, by/ })
  const said = (await turns.last().innerText()).match(/λ = 10⁶: (\d+)% of the steps, by ([\d.]+)° on average/)
  assert.ok(Math.abs(Number(said[1]) - (100 * turned.length) / angles.length) <= 1, said[0])
  assert.ok(Math.abs(Number(said[2]) / (turned.reduce((sum, angle) => sum + angle) / turned.length) - 1) < 0.05, said[0])
  assert.ok(idler.cosine.length > 10)
  await page.getByRole('slider', { name: 'Moment of the training that is shown' }).fill('100') // in A nothing is to be kept
  await until(async () => !(await turns.count()) && !/Does nothing/.test(await shown.cards.nth(2).innerText()), 'the moment in A')
  await page.getByRole('button', { name: 'Back to now' }).click()
  await until(async () => (await page.locator('curve-plot').count()) === 4, 'the two plots')
  await shown.drawn()
  const drawn = await page.locator('details[open] path.curve').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))
  assert.ok(drawn.at(-1).length > 20)
  assert.ok((await page.getByRole('region', { name: /^Is it acting/ }).locator('tr').count()) > 5)
  assert.doesNotMatch(await page.locator('main').innerText(), /NaN|undefined|\[object/)
  await close(page)
})

test('the table of what methods do has one learner’s numbers, the first remedy’s until another is chosen, in both browsers', async () => {
  const { page } = await finished(plane({ scenario: 'domain', tasks: 2 }, [{ kind: 'finetune' }, { kind: 'ewc', lambda: 1e6 }, { kind: 'gem' }]))
  await page.getByText(/^Is it acting\?/).click()
  const table = page.getByRole('region', { name: /^Is it acting/ })
  const cells = (row) => table.locator('tr').nth(row).locator('th, td').allInnerTexts()
  await until(() => table.count(), 'the table')
  assert.deepEqual(await cells(0), ['training step', 'batch loss', 'penalty', 'gradient’s norm', 'cosine'])
  const choice = page.locator('.curves').getByRole('combobox', { name: 'Method' })
  const penalties = await page.evaluate(() => document.querySelector('palimpsest-app').lab.state.snapshot.learners.map(({ diagnostics }) => diagnostics.penalty.at(-1)))
  for (const [learner, name] of [[1, 'EWC'], [2, 'GEM'], [0, 'Fine-tuning']]) {
    if (learner !== 1) await choice.selectOption(name)
    assert.equal(await choice.evaluate((select) => select.selectedOptions[0].text), name)
    const expected = formatLoss(Number.isNaN(penalties[learner]) ? null : penalties[learner])
    await until(async () => (await cells(-1))[2] === expected, `${name}: ${expected}`)
  }
  await close(page)
})

test('a method that keeps a task from being learned says so', async () => {
  const methods = [{ kind: 'finetune' }, { kind: 'l2', lambda: 1000 }, { kind: 'gem' }]
  for (const [tasks, said] of [[{ kind: 'sines', points: 40 }, /It costs B: at its end the test loss is [\d.]+, where fine-tuning has 0\.0\d+/],
    [{ kind: 'moons', points: 60, scenario: 'class', tasks: 2 }, /It costs B: at its end the test accuracy is 0\.\d+, where fine-tuning has (0\.9|1\.0)\d/]]) {
    const { page, shown } = await finished({
      version: 1, seed: 1, tasks, network: { hidden: [24] }, methods,
      training: { steps_per_task: 500, batch_size: 16, optimizer: { kind: 'adam', learning_rate: 0.01 } },
    })
    const counts = await Promise.all([0, 1, 2].map((at) => shown.cards.nth(at).getByText(/^Costs B: [\d.]+, fine-tuning [\d.]+$/).count()))
    assert.deepEqual(counts, [0, 1, 0])
    await shown.cards.nth(1).getByRole('button', { name: /^Help: Costs B/ }).focus()
    assert.match(await page.getByRole('tooltip').innerText(), said)
    await page.getByText(/^Is it acting\?.*\(1 warning\)/).click()
    await page.getByRole('listitem').filter({ hasText: 'It costs B' }).waitFor()
    await close(page)
  }
})

test('a projection that never fires says so', async () => {
  const { page, shown } = await finished({
    version: 1, seed: 1, network: { hidden: [8] }, methods: [{ kind: 'finetune' }, { kind: 'gem' }],
    tasks: { kind: 'explicit', loss: 'mse', tasks: ['A', 'B'].map((name) => ({ name, train: { inputs: [[0], [1], [2]], targets: [[0], [1], [0]] } })) },
    training: { steps_per_task: 300, batch_size: 0, optimizer: { kind: 'sgd', learning_rate: 0.02 } }, record: { every: 10 },
  })
  assert.match(await shown.cards.nth(1).innerText(), /Turns no step in B/)
  await page.getByText(/^Is it acting\?.*\(1 warning\)/).click()
  await page.getByRole('listitem').filter({ hasText: /^GEM: no step$/ }).waitFor()
  await page.getByRole('listitem').filter({ hasText: 'While B is trained it does nothing to the gradient: no penalty is added, and no step is turned' }).waitFor()
  await close(page)
})

test('with one task nothing is said of doing nothing', async () => {
  const { page } = await finished(plane({ scenario: 'domain', tasks: 1 }))
  assert.equal(await page.getByText(/^(Does nothing|Turns no step) in/).count(), 0)
  await page.getByRole('heading', { name: 'How it does on new data' }).waitFor()
  assert.doesNotMatch(await page.locator('.card').first().innerText(), /fine-tuning/i)
  await close(page)
})

for (const scenario of ['domain', 'class']) {
  test(`axe finds nothing, light or dark: ${scenario}`, async () => {
    const { page } = await finished(plane({ scenario, tasks: scenario === 'class' ? 8 : 4 }), { reducedMotion: 'reduce' })
    await openAll(page)
    await accessibleInBoth(page)
    await close(page)
  })
}
