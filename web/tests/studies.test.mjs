// What the page makes of whole runs: the matrix R, bands over seeds, trade-offs.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { formatLoss, formatShare } from '../src/format.js'
import { accessible, Browser, close, fragmentOf, Shown, until } from './browser.mjs'


const document = {
  version: 1,
  seed: 5,
  tasks: { kind: 'sines', points: 30, tasks: 3 },
  network: { hidden: [12] },
  training: { steps_per_task: 200, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }],
  record: { every: 20 },
}

const seedsOf = (document, count) => Array.from({ length: count }, (_, at) => engine.run({ ...document, seed: document.seed + at }))

/** @type {Browser} */
let browser
let engine
before(async () => {
  engine = await createEngine()
  browser = await Browser.start()
})
after(() => browser?.stop())

async function opened(document, options) {
  const page = await browser.open(fragmentOf(document), options)
  const shown = new Shown(page)
  await shown.started()
  await page.locator('summary', { hasText: 'The matrix R' }).click()
  await page.locator('.heat').first().waitFor()
  return { page, shown }
}

const matrixOf = (page, learner) => page.getByRole('grid', { name: new RegExp(`^Matrix R of ${learner}`) })

/** The texts of its cells, by row. */
const cells = (matrix) => matrix.locator('tbody tr').evaluateAll((rows) =>
  rows.map((row) => [...row.querySelectorAll('button')].map((button) => button.textContent.trim())))

const rowsOf = ({ initial, after }, format) => [initial, ...after].map((row) => Array.from(row, format))

test('the matrix R and its metrics are those of the engine, in both browsers', async () => {
  const { page, shown } = await opened(document)
  await shown.slow()
  const rows = await until(async () => {
    const rows = await cells(matrixOf(page, 'fine-tuning'))
    return rows[1].length === 3 && rows
  }, 'the row of task A')
  assert.deepEqual(rows[3], [], 'a row before its task has ended')
  await shown.finish()
  const { learners } = engine.run(document)
  for (const [index, name] of ['fine-tuning', 'EWC'].entries()) {
    const { matrix, metrics } = learners[index]
    await until(async () => (await cells(matrixOf(page, name)))[3].length === 3, 'the last row')
    assert.deepEqual(await cells(matrixOf(page, name)), rowsOf(matrix.loss, formatLoss))
    const row = page.locator('table.numbers tbody tr').nth(index).locator('td')
    assert.deepEqual((await row.allInnerTexts()).slice(3, 4), [formatLoss(metrics.forgetting)])
    await shown.button('All metrics and digests').click()
    await row.nth(8).waitFor()
    assert.deepEqual((await row.allInnerTexts()).slice(3, 8), ['average_loss', 'learning_loss', 'backward_transfer', 'forward_transfer', 'forgetting']
      .map((key) => formatLoss(metrics[key])))
    await shown.button('All metrics and digests').click()
    await row.nth(8).waitFor({ state: 'detached' })
  }
  await close(page)
})

test('every cell is reached by the arrow keys and says what it is, every metric how it is defined', async () => {
  const { page, shown } = await opened(document)
  await shown.finish()
  const matrix = matrixOf(page, 'EWC')
  assert.equal(await matrix.locator('button[tabindex="0"]').count(), 1)
  await matrix.locator('button').first().focus()
  for (const key of ['ArrowDown', 'ArrowRight', 'ArrowUp', 'End', 'ArrowDown', 'ArrowDown', 'ArrowLeft']) await page.keyboard.press(key)
  const { matrix: { loss } } = engine.run(document).learners[1]
  const name = await page.locator(':focus').getAttribute('aria-label')
  assert.ok(name.startsWith(`after B, on B: ${formatLoss(loss.after[1][1])}`), name)
  assert.equal(await page.getByRole('tooltip').innerText(), name)
  await page.keyboard.press('Enter')
  await page.getByText('step 400 of 600').waitFor()
  await page.getByRole('button', { name: 'Help: Forgetting' }).last().focus()
  assert.match(await page.getByRole('tooltip').innerText(), /Chaudhry et al\. 2018, eq\. 2\nR\[l,i\] is the test loss/)
  await close(page)
})

test('of many tasks the numbers are in the tip and in a table, and a narrow page is not exceeded', async () => {
  const many = {
    ...document, methods: [{ kind: 'finetune' }],
    tasks: { kind: 'moons', tasks: 12, points: 20, scenario: 'domain' },
    training: { ...document.training, steps_per_task: 30 },
  }
  const { page, shown } = await opened(many, { viewport: { width: 360, height: 740 } })
  await shown.finish()
  const { accuracy } = engine.run(many).learners[0].matrix
  const matrix = matrixOf(page, 'fine-tuning')
  await until(async () => (await matrix.locator('button').count()) === 13 * 12, 'all cells')
  const cell = matrix.getByRole('row').nth(6).locator('button').nth(3)
  await page.mouse.move(0, 0)
  await cell.focus()
  const said = await page.getByRole('tooltip').innerText()
  assert.ok(said.includes(`: ${formatShare(accuracy.after[4][3])}`), said)
  assert.equal(await page.evaluate(() => globalThis.document.documentElement.scrollWidth), 360)
  await page.getByText('The matrix as a table').click()
  const rows = page.getByRole('region', { name: 'The matrix as a table' }).locator('tbody tr')
  await rows.first().waitFor()
  const texts = await rows.evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.textContent)))
  assert.deepEqual(texts, rowsOf(accuracy, formatShare))
  await close(page)
})

test('ten seeds: bands behind the curves, median and range in the table, each as the engine has it, in both browsers', async () => {
  const { page, shown } = await opened(document)
  await page.getByRole('checkbox', { name: 'Repeat with 10 seeds' }).check()
  await page.getByText('Band: the middle half of 10 seeds; thin: their median.').waitFor()
  await shown.finish()
  const runs = seedsOf(document, 10)
  const spread = (values) => {
    const sorted = values.sort((a, b) => a - b)
    return [(sorted[4] + sorted[5]) / 2, sorted[0], sorted[9]].map(formatLoss)
  }
  for (const learner of [0, 1]) {
    const [median, low, high] = spread(runs.map((run) => run.learners[learner].curves.loss[0].at(-1)))
    const cells = page.locator('table.numbers tbody tr').nth(learner).locator('td')
    assert.equal(await cells.first().locator('small').innerText(), `${median} (${low} to ${high})`)
    const forgetting = spread(runs.map((run) => run.learners[learner].metrics.forgetting))
    assert.equal(await cells.nth(3).locator('small').innerText(), `${forgetting[0]} (${forgetting[1]} to ${forgetting[2]})`)
  }
  assert.equal(await page.locator('.curves .panels curve-plot path.band').count(), 2 * 3)
  assert.equal(await page.locator('.curves .panels curve-plot path.median').count(), 2 * 3)
  const [band] = await page.evaluate(() => globalThis.document.querySelector('palimpsest-app').lab.state.studies.bands.of('loss', 1))
  const ends = runs.map((run) => run.learners[0].curves.loss[1].at(-1)).sort((a, b) => a - b)
  const between = (at, share) => ends[at] + share * (ends[at + 1] - ends[at]) // as numpy.quantile(ends, [0.25, 0.5, 0.75])
  assert.deepEqual([band.low, band.median, band.high].map((line) => line.at(-1)), [between(2, 0.25), between(4, 0.5), between(6, 0.75)])
  await page.getByRole('checkbox', { name: 'Repeat with 10 seeds' }).uncheck()
  await until(async () => (await page.locator('path.band').count()) === 0, 'the bands to go')
  await close(page)
})

test('another experiment starts the seeds over, and what has been run is not run again', async () => {
  const { page, shown } = await opened(document)
  await page.evaluate(() => {
    const { postMessage } = Worker.prototype
    window.trained = []
    Worker.prototype.postMessage = function (message, ...rest) {
      if (message.kind === 'train') window.trained.push(JSON.stringify(message.document))
      return postMessage.call(this, message, ...rest)
    }
  })
  await page.getByRole('checkbox', { name: 'Repeat with 10 seeds' }).check()
  const complete = page.getByText('Band: the middle half of 10 seeds; thin: their median.')
  await complete.waitFor()
  const card = page.getByRole('article').nth(1)
  await card.locator('summary').first().click()
  const lambda = card.getByRole('spinbutton', { name: /λ/ }).first()
  await shown.finish()
  await lambda.fill('99')
  await lambda.press('Enter')
  await until(async () => !(await complete.count()), 'the bands to start over')
  await complete.waitFor()
  const trained = await page.evaluate(() => window.trained)
  assert.equal(new Set(trained).size, trained.length, 'a run was run twice')
  const kinds = trained.map((text) => JSON.parse(text).methods[0])
  assert.equal(kinds.filter(({ kind }) => kind === 'finetune').length, 10)
  assert.ok(kinds.filter(({ lambda }) => lambda === 99).length >= 10)
  await close(page)
})

test('a strength is swept: each point is the median of three seeds, and Enter on one sets it, in both browsers', async () => {
  const { page, shown } = await opened(document)
  await shown.finish()
  await page.locator('summary', { hasText: 'Trade-offs' }).click()
  await page.getByRole('button', { name: 'Try its strengths' }).click()
  const points = page.locator('trade-plot [role=button]')
  await until(async () => !(await page.locator('progress').count()) && (await points.count()) === 13, 'all points')
  await shown.drawn()
  const ends = (lambda) => seedsOf({ ...document, methods: [{ kind: 'ewc', lambda }] }, 3).map(({ learners: [{ curves: { loss } }] }) =>
    [(loss[0].at(-1) + loss[1].at(-1)) / 2, loss[2].at(-1)])
  const inWords = (values) => {
    const [low, median, high] = values.sort((a, b) => a - b).map(formatLoss)
    return `${median} (${low} to ${high})`
  }
  for (const lambda of [0.01, 32]) {
    const point = page.locator('trade-plot').getByRole('button', { name: new RegExp(`^λ = ${lambda}\\s`) })
    const runs = ends(lambda)
    const name = await point.getAttribute('aria-label')
    assert.equal(name, `λ = ${lambda}\nmean loss on A to B at the end: ${inWords(runs.map(([old]) => old))}\n` +
      `loss on C at the end: ${inWords(runs.map(([, fresh]) => fresh))}`)
  }
  for (const [kind, title] of [['finetune', 'Fine-tuning'], ['joint', 'Joint training']]) {
    const runs = seedsOf({ ...document, methods: [{ kind }] }, 3).map(({ learners: [{ curves: { loss } }] }) =>
      [(loss[0].at(-1) + loss[1].at(-1)) / 2, loss[2].at(-1)])
    const reference = page.locator('trade-plot').getByRole('img', { name: new RegExp(`^${title}\\s`) })
    assert.equal(await reference.getAttribute('aria-label'), `${title}\nmean loss on A to B at the end: ${inWords(runs.map(([old]) => old))}\n` +
      `loss on C at the end: ${inWords(runs.map(([, fresh]) => fresh))}`)
    assert.equal(await reference.locator('text').textContent(), title)
  }
  const inUse = page.locator('trade-plot [aria-pressed=true]')
  assert.match(await inUse.getAttribute('aria-label'), /^λ = 10\s/)
  await inUse.focus()
  await page.keyboard.press('ArrowRight')
  assert.match(await page.getByRole('tooltip').innerText(), /^λ = 32\s/)
  await page.keyboard.press('Enter')
  await until(async () => /^λ = 32\s/.test(await inUse.getAttribute('aria-label')), 'the point to be in use')
  assert.match(await page.getByRole('article').nth(1).getByRole('spinbutton', { name: /λ/ }).inputValue(), /^32$/)
  assert.equal(await points.count(), 13)
  await close(page)
})

test('where a method goes, what was chosen stays with its method: the inside, the numbers, the sweep', async () => {
  const { page, shown } = await opened({ ...document, methods: [{ kind: 'l2' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem' }] })
  await shown.finish()
  await page.locator('summary', { hasText: 'Trade-offs' }).click()
  const chosen = (box) => box.evaluate((select) => select.selectedOptions[0].textContent)
  await page.locator('#sweep-learner').selectOption({ label: 'EWC' })
  await page.getByRole('button', { name: 'Try its strengths' }).click()
  await until(async () => (await page.locator('trade-plot [role=button]').count()) > 1, 'points')
  await page.locator('summary', { hasText: 'Is it acting?' }).click()
  await page.locator('#acting-learner').selectOption({ label: 'EWC' })
  await page.locator('details.inside > summary').click()
  await page.locator('#inside-learner').selectOption({ label: 'EWC' })
  const card = shown.cards.first()
  await card.locator('summary').first().click()
  await card.getByRole('button', { name: /^Remove/ }).click()
  await until(async () => (await shown.cards.count()) === 2, 'two cards')
  for (const id of ['sweep-learner', 'acting-learner', 'inside-learner']) assert.equal(await chosen(page.locator(`#${id}`)), 'EWC', id)
  await until(async () => (await page.locator('trade-plot [role=button]').count()) === 13, 'all points')
  await close(page)
})

/**
 * Counts what the workers end in the background. A worker that is asked something answers it after all
 * that it has been told before, and after what it has ended until then. Runs in the page, before it.
 */
function watchWorkers() {
  const workers = []
  window.ended = 0
  window.Worker = class extends Worker {
    constructor(...given) {
      super(...given)
      workers.push(this)
      this.addEventListener('message', ({ data }) => (window.ended += data.type === 'done'))
    }
  }
  const heard = (worker) => new Promise((done) => {
    worker.addEventListener('message', ({ data }) => data.id === -1 && done())
    worker.postMessage({ type: 'digest', id: -1, digests: ['0'.repeat(16)] })
  })
  window.allHaveHeard = () => Promise.all(workers.map(heard))
}

test('runs in the background stop when they are told to, and wait while the page is hidden', async () => {
  const long = { ...document, training: { ...document.training, steps_per_task: 2000 } }
  const page = await browser.blank()
  await page.addInitScript(watchWorkers)
  await page.goto(`${browser.origin}/${fragmentOf(long)}`)
  await new Shown(page).started()
  await page.getByRole('button', { name: 'Pause' }).click()
  const hide = (hidden) => page.evaluate((hidden) => {
    const { document } = globalThis
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, hidden)
  await page.locator('summary', { hasText: 'Trade-offs' }).click()
  await page.getByRole('button', { name: 'Try its strengths' }).click()
  const done = async () => Number(await page.locator('progress').getAttribute('value'))
  await until(async () => (await done()) >= 1, 'the first run')
  await hide(true)
  await page.evaluate(() => window.allHaveHeard())
  const before = await done()
  const ended = await page.evaluate(() => window.ended)
  await page.waitForTimeout(2500)
  assert.equal(await done(), before, 'it ran while the page was hidden')
  assert.equal(await page.evaluate(() => window.ended), ended)
  await hide(false)
  await until(async () => (await done()) > before, 'it to go on')
  await page.getByRole('button', { name: 'Stop' }).click()
  // A run that ended before it was told to stop may still be on its way, and is drawn then.
  await page.evaluate(() => window.allHaveHeard())
  const last = await page.evaluate(() => window.ended)
  await page.waitForTimeout(1500)
  assert.equal(await page.evaluate(() => window.ended), last, 'it ran on after Stop')
  await close(page)
})

test('the opened studies are accessible, and no wider than a narrow page, in both browsers', async () => {
  const { page, shown } = await opened(document, { viewport: { width: 360, height: 740 }, colorScheme: 'dark' })
  await shown.finish()
  await page.getByRole('checkbox', { name: 'Repeat with 10 seeds' }).check()
  await page.locator('summary', { hasText: 'Trade-offs' }).click()
  await page.getByRole('button', { name: 'Try its strengths' }).click()
  await until(async () => (await page.locator('trade-plot [role=button]').count()) > 3, 'some points')
  await page.getByText('Band: the middle half of 10 seeds; thin: their median.').waitFor()
  await accessible(page)
  assert.equal(await page.evaluate(() => globalThis.document.documentElement.scrollWidth), 360)
  await close(page)
})
