// What a reader takes along from the page: files with the run in them, pictures that stand alone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { createEngine } from '../../dist/engine.js'
import { Browser, close, dist, fragmentOf, isFirefox, Shown, shownIn, textsOf, until } from './browser.mjs'

const experiment = {
  version: 1,
  seed: 5,
  tasks: { kind: 'moons', points: 30, test_points: 20, tasks: 2 },
  network: { hidden: [8] },
  training: { steps_per_task: 120, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 1 }, { kind: 'ewc', lambda: 10 }, { kind: 'ogd' }],
  record: { every: 25 },
}

let browser
let page
let shown
let result // the engine's own
before(async () => {
  browser = await Browser.start()
  page = await browser.open(fragmentOf(experiment))
  shown = new Shown(page)
  await shown.started()
  await shown.finish()
  result = (await createEngine()).run(experiment)
})
after(() => browser?.stop())

/** The file that a button gives. */
async function taken(name) {
  const saved = await browser.saved(page, shown.button(name))
  await page.getByText(`${saved.file} is saved.`).waitFor()
  return saved
}

const rowsOf = ({ bytes }) => bytes.toString().trim().split('\r\n')
  .map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, bare]) => quoted ?? bare))

test('the result is the engine’s, to the last bit, in both browsers', async () => {
  const { file, bytes } = await taken('Result (JSON)')
  assert.match(file, /^palimpsest-.*\.json$/)
  const lists = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value)
  assert.deepEqual(JSON.parse(bytes), JSON.parse(JSON.stringify(result, lists)))
})

test('the document is the experiment', async () => {
  const { bytes } = await taken('Document (JSON)')
  assert.deepEqual(JSON.parse(bytes), experiment)
})

test('curves as CSV: every number, to the last bit', async () => {
  const [head, ...rows] = rowsOf(await taken('Curves (CSV)'))
  assert.deepEqual(head, ['method', 'task', 'step', 'test_loss', 'train_loss', 'test_accuracy'])
  const wanted = result.learners.flatMap(({ curves }) => [0, 1].flatMap((task) => [...curves.step].map((step, at) =>
    [step, curves.loss[task][at], curves.train_loss[task][at], curves.accuracy[task][at]])))
  assert.deepEqual(rows.map(([, , ...numbers]) => numbers.map(Number)), wanted)
  assert.equal(new Set(rows.map(([name]) => name)).size, 4) // two of them with λ in their names
})

test('matrix R as CSV', async () => {
  const [head, ...rows] = rowsOf(await taken('Matrix R (CSV)'))
  assert.deepEqual(head, ['method', 'after_task', 'task', 'test_loss', 'train_loss', 'test_accuracy'])
  const wanted = result.learners.flatMap(({ matrix: { loss, accuracy } }) =>
    [[loss.initial, accuracy.initial], ...[0, 1].map((at) => [loss.after[at], accuracy.after[at]])]
      .flatMap(([losses, shares]) => [0, 1].map((task) => [losses[task], shares[task]])))
  assert.deepEqual(rows.map(([, , , loss, , share]) => [Number(loss), Number(share)]), wanted)
  assert.deepEqual(rows.slice(0, 6).map(([, after, task]) => after + task), ['A', 'B', 'AA', 'AB', 'BA', 'BB'])
})

test('a PyTorch script, which says what it leaves out', async () => {
  const { file, bytes } = await taken('PyTorch script')
  assert.match(file, /\.py$/)
  assert.match(bytes.toString(), /Not in this script.*: ogd\./)
  assert.doesNotMatch(bytes.toString(), /\{\{|undefined/)
})

/** Of the choice, which names what is drawn by the time it gets the focus. */
async function plots() {
  const choice = page.getByRole('combobox', { name: 'Which plot' })
  await choice.focus()
  return choice.locator('option').allInnerTexts()
}

test('every plot as a picture that stands alone, in both browsers', async () => {
  const names = await plots()
  assert.equal(names.length, await page.locator('main svg[role=img]').count())
  const alone = await browser.blank({ colorScheme: 'light' })
  for (const name of names) {
    await page.getByRole('combobox', { name: 'Which plot' }).selectOption(name)
    const { bytes } = await taken('SVG')
    const text = bytes.toString()
    assert.match(text, /^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    assert.doesNotMatch(text, /class=|style=|var\(|<!--|NaN|undefined/)
    await alone.goto(`data:image/svg+xml,${encodeURIComponent(text)}`)
    const seen = await alone.evaluate(() => ({
      title: document.querySelector('title').textContent,
      heading: [...document.querySelectorAll('svg > text[y^="-"]')].map((line) => line.textContent).join(' '),
      wide: Math.max(...[...document.querySelectorAll('svg > text[y^="-"]')].map((line) => line.getBBox().width)) / document.documentElement.width.baseVal.value,
      words: [...document.querySelectorAll('text')].map((line) => line.textContent.trim()),
      below: document.documentElement.height.baseVal.value - Math.max(...[...document.querySelectorAll('svg > text')].map((line) => line.getBoundingClientRect().bottom)),
      keys: document.querySelectorAll('svg > svg').length,
      strokes: new Set([...document.querySelectorAll('path')].map((path) => getComputedStyle(path).stroke)).size,
    }))
    assert.equal(seen.title, name)
    assert.equal(seen.heading, name)
    assert.ok(seen.wide < 1, String(seen.wide))
    assert.ok(seen.strokes > 1)
    for (const word of ['Palimpsest', /^seed 5, \d+ parameters$/, 'step 240 of 240', `digest ${result.digest}`]) {
      assert.ok(seen.words.some((said) => said.match(word)), `${name}: ${word}`)
    }
    assert.ok(seen.below > 0, String(seen.below))
    const named = ['Fine-tuning:', 'EWC, λ = 1:', 'EWC, λ = 10:', 'Orthogonal Gradient Descent:'].filter((method) => seen.words.includes(method)).length
    assert.equal(named, name.startsWith('Forgetting') ? 4 : 1, String(seen.words))
    assert.ok(seen.keys > named, String(seen.keys)) // of its task or tasks, too
    if (!name.startsWith('Forgetting')) assert.deepEqual(text.match(/d="M\d+,5h\d+"/g), ['d="M0,5h36"']) // its network alone
  }
  await alone.context().close()
})

test('a picture of a dark page is light, its colours are such as every program knows, and nothing pointed at is in it, in both browsers', async () => {
  const dark = await browser.open(fragmentOf(experiment), { colorScheme: 'dark' })
  const run = new Shown(dark)
  await run.started()
  await run.finish()
  const plot = dark.locator('.curves .panels curve-plot').first()
  await dark.getByRole('combobox', { name: 'Which plot' }).focus()
  await dark.getByRole('combobox', { name: 'Which plot' }).selectOption({ label: 'Forgetting curves of task A' })
  await plot.scrollIntoViewIfNeeded()
  await plot.hover({ position: { x: 200, y: 90 } })
  await plot.locator('.crosshair').waitFor({ state: 'attached' })
  const { bytes } = await browser.saved(dark, { click: () => run.button('SVG').evaluate((button) => button.click()) })
  const text = bytes.toString()
  assert.match(text, /<rect [^>]*fill="rgb\(251, 250, 246\)"/)
  assert.doesNotMatch(text, /oklab|color\(|opacity="0\.2"/)
  assert.equal((text.match(/<circle /g) ?? []).length, 4) // the ends of the lines
  assert.equal(await dark.evaluate(() => getComputedStyle(document.body).backgroundColor), 'rgb(22, 23, 26)')
  await close(dark)
})

test('a plot as PNG, twice as fine, in both browsers', async () => {
  const { file, bytes } = await taken('PNG')
  assert.match(file, /\.png$/)
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG')
  const shownWidth = await page.locator('main svg[role=img]').first().evaluate((plot) => plot.width.baseVal.value)
  assert.ok(bytes.readUInt32BE(16) > 2 * shownWidth - 1)
})

test('in the middle of the training, it is what has been trained', async () => {
  await shown.slow()
  await shown.button('Reset').click()
  await shown.button('Play').click()
  await shown.passes(10)
  await shown.button('Pause').click()
  const { bytes } = await taken('Result (JSON)')
  const { learners } = JSON.parse(bytes)
  assert.deepEqual(learners.map(({ status }) => status), Array(4).fill('running'))
  const { bytes: curves } = await taken('Curves (CSV)')
  await page.getByRole('slider', { name: /^Moment/ }).press('Home')
  await page.getByText('As it was', { exact: true }).waitFor()
  assert.deepEqual((await taken('Result (JSON)')).bytes, bytes)
  assert.deepEqual((await taken('Curves (CSV)')).bytes, curves)
  await until(async () => (await shown.step()) < 240, 'it to stand')
  await close(page)
})

test('what happens is told, in a live region', async () => {
  const told = await browser.open(fragmentOf({ ...experiment, tasks: { kind: 'sines', points: 40 }, methods: [{ kind: 'finetune' }, { kind: 'gem' }],
    training: { steps_per_task: 400, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } } }))
  const run = new Shown(told)
  await run.started()
  await run.passes(460)
  await run.button('Pause').click()
  const caption = told.locator('.milestone')
  await until(async () => { // while A is being lost it does not stay with what was true at its end
    const now = (await run.cards.first().locator('.losses').innerText()).match(/A ([\d.]+)/)[1]
    const said = (await caption.innerText()).match(/Training B: on A the loss has risen from 0\.\d+ to ([\d.]+) with fine-tuning; GEM is at 0\.\d+\.$/)
    return said?.[1] === now
  }, 'what is happening')
  assert.match(await caption.locator('[aria-live]').innerText(), /^(Task A was learned|End of task A: its test loss is 0\.\d+\.$)/) // what changes all the time is not read out
  await run.button('Play').click()
  await run.finish()
  await until(async () => /^Task A: loss/.test(await told.locator('.milestone').innerText()), 'the end')
  const live = told.locator('.milestone [aria-live="polite"]')
  await until(async () => /Task A: loss rose from 0\.\d+ to [\d.]+ with fine-tuning; GEM ends at 0\.\d+(; on B GEM is worst, at 0\.\d+)?\.$/.test(await live.innerText()), 'the news')
  await close(told)
})

test('in print: the figure, its numbers, the link, in both browsers', async () => {
  const printed = await browser.open(fragmentOf(experiment))
  const run = new Shown(printed)
  await run.started()
  await run.finish()
  await shownIn(printed, 'print')
  for (const kept of ['.fits', '.curves', 'table.numbers', '.share .printed', '.chapters .own-chapter', '.main input[type="number"]']) assert.ok(await printed.locator(kept).first().isVisible(), kept)
  for (const left of ['.transport', '.settings', '.chapters button', '.main input[type="range"]', '.adder', '.takings', '.link', 'footer']) {
    assert.equal(await printed.locator(left).first().isVisible(), false, left)
  }
  assert.equal(await printed.locator('.share .printed').innerText(), printed.url())
  const cells = await printed.locator('table.numbers td').allInnerTexts()
  await shownIn(printed, 'screen')
  const pdf = await printed.pdf({ format: 'A4' })
  assert.ok(pdf.length > 10_000)
  if (isFirefox) { // which reads what it prints
    const text = (await textsOf(browser, pdf)).join(' ').replace(/\s+/g, '')
    for (const said of ['What the network knows', 'training step', 'test accuracy', ...cells, printed.url()]) {
      assert.ok(text.includes(said.replace(/\s+/g, '')), `${said}: ${text}`)
    }
    for (const left of ['Reset', 'Embed…', 'PyTorch']) assert.ok(!text.includes(left), left)
  }
  await close(printed)
})

test('the single file gives the same, from file://, in both browsers', async () => {
  const alone = await browser.blank({ offline: true })
  await alone.goto(pathToFileURL(`${dist}palimpsest.html`).href + fragmentOf(experiment))
  const run = new Shown(alone)
  await run.started()
  await run.finish()
  const { bytes } = await browser.saved(alone, run.button('Result (JSON)'))
  assert.equal(JSON.parse(bytes).digest, result.digest)
  await run.button('Embed…').click()
  await new Shown(alone.getByRole('dialog').frameLocator('iframe')).started()
  assert.match(await alone.getByRole('textbox', { name: 'HTML for your page' }).inputValue(), /^<script src="embed.js" defer>/)
  await close(alone)
})
