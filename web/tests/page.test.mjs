// The page as readers meet it, in Chromium.
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { inflateRawSync } from 'node:zlib'
import { fromFragment } from '../src/link.js'
import { accessible, accessibleInBoth, Browser, close, dist, fragmentOf, notInFirefox, openAll, placeOf, Shown, small, until } from './browser.mjs'

const presetFolder = new URL('../presets/', import.meta.url)
const presets = readdirSync(presetFolder).filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, presetFolder), 'utf8')))
const defaultPreset = presets.find(({ name }) => name === 'two-sines')

const diverging = { kind: 'finetune', training: { optimizer: { kind: 'sgd', learning_rate: 10 } } }

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

async function paused(document, options) {
  const page = await browser.open(fragmentOf(document), options)
  const shown = new Shown(page)
  await shown.started()
  await shown.pause()
  return { page, shown }
}

/** The parameter's number field on a learner's card, its settings opened. */
async function field(shown, card, name) {
  const article = shown.cards.nth(card)
  await article.locator('summary').first().click()
  return article.getByRole('spinbutton', { name })
}

async function setNumber(input, value) {
  await input.fill(String(value))
  await input.press('Enter')
}

// Starting

test('it starts to learn by itself, in both browsers', async (t) => {
  const page = await browser.open()
  const ms = await until(() => page.evaluate(() => window.firstFitMs), 'the first fit')
  t.diagnostic(`the first fit is drawn ${Math.round(ms)} ms after the page was asked for`)
  assert.ok(ms < 10_000, `${ms} ms`) // on a busy machine
  const shown = new Shown(page)
  await shown.started()
  assert.equal(await shown.cards.count(), defaultPreset.experiment.methods.length)
  const before = await shown.lines()
  await shown.passes((await shown.step()) + 100)
  await until(async () => (await shown.lines()).every((line, at) => line !== before[at]), 'every line to change')
  assert.equal((await shown.lines()).length, before.length)
  await close(page)
})

/** Opens a chapter by its button; from its first lines until then, every one has changed. */
async function runs(page, shown, { name, title, experiment }, untilThen) {
  await shown.button(title).click()
  await until(async () => (await shown.button(title).getAttribute('aria-current')) === 'true', name)
  await shown.started()
  assert.equal(await shown.cards.count(), experiment.methods.length, name)
  const before = await shown.lines()
  await untilThen(before)
  const lines = await shown.lines()
  assert.ok(lines.length >= 2 * experiment.methods.length, `${name}: ${lines.length}`)
  for (const [at, line] of lines.entries()) assert.notEqual(line, before[at], name)
  assert.doesNotMatch(await page.locator('main').innerText(), /NaN|undefined|\[object/, name)
  assert.equal(await page.getByText(/diverged at step/).count(), 0, name)
}

// One of each kind of plot is run to its end and looked at by axe; how the others end is told by the
// engine alone, in chapters.test.mjs, classification.test.mjs and digits.test.mjs.
const toTheEnd = presets.filter(({ name }) => ['two-sines', 'domains', 'regularisation', 'weight-decay'].includes(name))

test('the chapters run, one after the other, and their plots change', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  for (const preset of presets.filter((preset) => !toTheEnd.includes(preset))) {
    await runs(page, shown, preset, async (before) => {
      await until(async () => (await shown.lines()).every((line, at) => line !== before[at]), `${preset.name}: every line to change`)
      await shown.pause()
    })
  }
  await close(page)
})

for (const preset of toTheEnd) {
  test(`the chapter ${preset.name} runs to its end, and its plots change; axe finds nothing, light or dark`, async () => {
    const page = await browser.open(fragmentOf(small()))
    const shown = new Shown(page)
    await shown.started()
    await runs(page, shown, preset, () => shown.finish())
    await openAll(page)
    await accessibleInBoth(page)
    await close(page)
  })
}

// Links

test('the browser’s Back leads to the chapter before, as it was left, and Forward on again, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  const chapter = (name) => until(async () => (await shown.button(name).getAttribute('aria-current')) === 'true', name)
  await shown.button('GEM').click()
  await chapter('GEM')
  await shown.button('New seed').click()
  const seed = async () => /seed (\d+)/.exec(await page.locator('.digest').innerText())[1]
  const own = String(presets.find(({ title }) => title === 'GEM').experiment.seed + 1)
  await until(async () => (await seed()) === own, 'another seed')
  await shown.link()
  await shown.button('EWC').click()
  await chapter('EWC')
  await shown.link()
  await page.goBack()
  await chapter('GEM')
  await until(async () => (await seed()) === own, 'its seed')
  await page.goBack()
  await page.getByText('Your own experiment').first().waitFor()
  await page.goForward()
  await chapter('GEM')
  await close(page)
})

test('a link opens the same run, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  const digest = await shown.finish()
  const link = await shown.link()
  assert.equal(link, page.url())
  await close(page)
  const other = await browser.open(new URL(link).hash)
  const again = new Shown(other)
  await again.started()
  assert.equal(await again.finish(), digest)
  await close(other)
})

test('a link of another seed is another run', async () => {
  const digests = []
  for (const seed of [1, 2]) {
    const page = await browser.open(fragmentOf(small({ seed })))
    const shown = new Shown(page)
    await shown.started()
    digests.push(await shown.finish())
    await close(page)
  }
  assert.notEqual(digests[0], digests[1])
})

test('a new fragment opens in the page that is there', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  await page.evaluate((hash) => (location.hash = hash), fragmentOf(small({ methods: [{ kind: 'gem' }] })))
  await until(async () => (await shown.cards.count()) === 1, 'the other experiment')
  await close(page)
})

test('a link names a preset', async () => {
  const page = await browser.open('#preset=gem')
  const shown = new Shown(page)
  await shown.started()
  assert.equal(await shown.button('GEM').getAttribute('aria-current'), 'true')
  await close(page)
})

const broken = {
  'not base64url': ['#v1=%%%', /base64url/],
  'not deflated': ['#v1=AAAA', /unpack/],
  'cut off': [fragmentOf(small()).slice(0, -20), /unpack|JSON/],
  'not JSON': [`#v1=${Buffer.from([1, 1, 0, 254, 255, 120]).toString('base64url')}`, /JSON/],
  'a list': [fragmentOf([1, 2]), /experiment/],
  'of another version': ['#v9=AAAA', /version/],
  'of an unknown preset': ['#preset=nothing', /nothing/],
  'out of range': [fragmentOf(small({ methods: [{ kind: 'ewc', lambda: -1 }] })), /methods\[0\]\.lambda.*-1/],
  'of an unknown key': [fragmentOf(small({ surprise: 1 })), /surprise/],
  'of markup': [fragmentOf(small({ '<img src=x onerror=alert(1)>': 1 })), /<img src=x/],
}
test('a broken link opens with its fault and the default experiment', async () => {
  const page = await browser.open(Object.values(broken)[0][0])
  const shown = new Shown(page)
  const alert = page.getByRole('alert')
  for (const [name, [fragment, fault]] of Object.entries(broken)) {
    await page.evaluate((hash) => (location.hash = hash), fragment) // where the first one is already
    await until(async () => (await alert.count()) && fault.test(await alert.innerText()), name)
    assert.match(await alert.innerText(), /The link could not be opened/, name)
    await shown.started()
    assert.equal(await shown.cards.count(), defaultPreset.experiment.methods.length, name)
    await page.getByRole('button', { name: 'Dismiss' }).click()
    assert.equal(await alert.count(), 0, name)
    await page.evaluate((hash) => (location.hash = hash), fragmentOf(small()))
    await until(async () => (await shown.cards.count()) === small().methods.length, 'another experiment')
  }
  await close(page)
})

test('the notice of a broken link goes with the next link, and two of a kind are one', async () => {
  const page = await browser.open('#v1=%%%')
  const alert = page.getByRole('alert')
  await alert.getByText(/base64url/).waitFor()
  await page.evaluate(() => (location.hash = '#preset=nothing'))
  await alert.getByText(/nothing/).waitFor()
  assert.equal(await alert.count(), 1)
  await page.evaluate((hash) => (location.hash = hash), fragmentOf(small()))
  await until(async () => !(await alert.count()), 'the notice to go')
  await close(page)
})

test('a link with several faults names each', async () => {
  const page = await browser.open(fragmentOf(small({ seed: -1, methods: [{ kind: 'nope' }] })))
  await new Shown(page).started()
  const items = await page.getByRole('alert').getByRole('listitem').allInnerTexts()
  assert.equal(items.length, 2)
  await close(page)
})

// Time

test('pause, forward, play, reset, in both browsers', async () => {
  const { page, shown } = await paused(small())
  const at = await shown.step()
  await shown.button('Forward 20 steps').click()
  await until(async () => (await shown.step()) === at + 20, '20 steps more')
  await sleep(200)
  assert.equal(await shown.step(), at + 20)
  await shown.button('Reset').click()
  await until(async () => (await shown.step()) === 0, 'step 0')
  await shown.button('Play').click()
  await shown.passes(0)
  const digest = await shown.finish()
  await shown.slow()
  await shown.button('Play again').click()
  await until(async () => (await shown.step()) < (await shown.steps()), 'the replay')
  assert.equal(await shown.finish(), digest)
  await shown.button('Reset').click()
  await until(async () => (await shown.step()) === 0, 'step 0')
  await shown.button('Play').click()
  assert.equal(await shown.finish(), digest)
  await close(page)
})

test('a new seed is another run', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  const digest = await shown.finish()
  await shown.slow()
  await shown.button('New seed').click()
  await until(async () => (await shown.step()) < (await shown.steps()), 'the new run')
  assert.notEqual(await shown.finish(), digest)
  await close(page)
})

test('speed: slower than normal is slower', async () => {
  const { page, shown } = await paused(small({ training: { steps_per_task: 3000 } }))
  const from0 = async (speed, reached) => { // the ms that it takes
    await shown.speed.fill(speed)
    await shown.button('Reset').click()
    await until(async () => (await shown.step()) === 0, 'step 0')
    const begun = performance.now()
    await shown.button('Play').click()
    await reached()
    return performance.now() - begun
  }
  const slow = await from0('0', () => sleep(2000))
  const slowly = await shown.step()
  await shown.pause()
  const fast = await from0('4', () => shown.passes(4 * slowly))
  assert.ok(fast < slow, `${4 * slowly} steps in ${fast} ms, ${slowly} in ${slow}`)
  await close(page)
})

// By hand

test('λ changed while it runs: altered by hand, and the link replays it, in both browsers', async () => {
  const { page, shown } = await paused(small())
  const lambda = await field(shown, 1, /^λ|strength|lambda/i)
  await shown.button('Play').click()
  await shown.passes(await shown.step())
  await setNumber(lambda, 300)
  const note = shown.cards.nth(1).getByText(/altered by hand from step/)
  await note.waitFor()
  await shown.button('Pause').click()
  const name = `EWC, λ = 10 → 300 from step ${(await note.innerText()).match(/from step (\d+)/)[1]}`
  await page.getByRole('article', { name, exact: true }).waitFor()
  await page.getByRole('button', { name: `Remove ${name}`, exact: true }).waitFor()
  await page.getByRole('rowheader', { name, exact: true }).waitFor()
  await until(async () => (await page.locator('.curves figure').first().locator('text.tag').allTextContents()).includes('EWC, λ → 300'), 'the curve’s label')
  await until(async () => (await page.locator('.curves circle.altered.method-1').count()) === 2, 'the marks in both tasks’ curves')
  await shown.button('Play').click()
  assert.equal(await shown.cards.first().getByText(/altered by hand/).count(), 0)
  const said = (await note.innerText()).match(/altered by hand from step (\d+)/)[0]
  const digest = await shown.finish()
  const link = await shown.link()
  await close(page)
  const other = await browser.open(new URL(link).hash)
  const again = new Shown(other)
  await again.started()
  assert.equal(await again.finish(), digest)
  assert.match(await again.cards.nth(1).innerText(), new RegExp(said))
  await close(other)
})

test('what is typed out of its range is not taken: its field says the range, in both browsers', async () => {
  const { page, shown } = await paused(small())
  const link = await shown.link()
  const lambda = await field(shown, 1, /^λ|strength|lambda/i)
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  const hidden = page.getByRole('textbox', { name: /^Hidden layers/ })
  const alert = page.getByRole('alert')
  for (const [input, wrong, right, said] of [
    [lambda, '-4', '4', /^A number from 0 to 10⁹; it is still 10\.$/], [hidden, '0', '8', /^A whole number from 1 to 4\u202f096; it is still 12\.$/], [hidden, 'a', '9', /^whole numbers/],
  ]) {
    await input.fill(wrong)
    await input.press('Enter')
    await alert.waitFor()
    assert.match(await alert.innerText(), said)
    assert.equal(await input.getAttribute('aria-invalid'), 'true')
    assert.equal(await input.evaluate((field) => document.getElementById(field.getAttribute('aria-describedby')).innerText), await alert.innerText())
    await accessible(page)
    const [field, message] = [await placeOf(input), await placeOf(alert)]
    assert.ok(field.width > 60 && message.y >= field.y + field.height, JSON.stringify([field, message]))
    if (input === lambda) assert.equal(await shown.link(), link)
    await input.fill(right)
    await input.press('Enter')
    await until(async () => (await alert.count()) === 0, 'the message to go')
    assert.equal(await input.getAttribute('aria-invalid'), null)
  }
  await until(async () => (await fromFragment(new URL(await shown.link()).hash, () => null)).network.hidden[0] === 9, 'what is right')
  await close(page)
})

test('a comma that is typed into a number is its point, and a whole number has none, in both browsers', async () => {
  const { page, shown } = await paused(small())
  const lambda = await field(shown, 1, /^λ|strength|lambda/i)
  await lambda.fill('')
  await lambda.pressSequentially('1,5')
  await lambda.press('Enter')
  await until(async () => (await fromFragment(new URL(await shown.link()).hash, () => null)).alterations?.[0].value === 1.5, 'one and a half')
  assert.equal(await lambda.inputValue(), '1.5')
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  await setNumber(page.locator('.groups').getByRole('spinbutton', { name: 'Steps a task' }), 2.5)
  await page.getByText(/^A whole number from 1 to [^;]*; it is still 300\.$/).waitFor()
  await close(page)
})

test('what is altered by hand and back where the training rests is no alteration', async () => {
  const { page, shown } = await paused(small())
  const link = await shown.link()
  const lambda = await field(shown, 1, /^λ|strength|lambda/i)
  await setNumber(lambda, 300)
  const note = shown.cards.nth(1).getByText(/altered by hand/)
  await note.waitFor()
  await setNumber(lambda, 10)
  await until(async () => (await note.count()) === 0, 'the note to go')
  assert.equal(await shown.link(), link)
  await page.getByRole('article', { name: 'EWC', exact: true }).waitFor()
  await close(page)
})

test('a slider moves on from where it is, however fast its keys are pressed', async () => {
  const { page, shown } = await paused(small())
  await shown.cards.nth(1).locator('summary').first().click()
  const slider = shown.cards.nth(1).getByRole('slider', { name: 'strength' })
  const before = Number(await slider.inputValue())
  await slider.focus()
  for (let i = 0; i < 20; i++) await page.keyboard.press('ArrowRight')
  await shown.cards.nth(1).getByText(/altered by hand/).waitFor()
  const moved = Number(await slider.inputValue()) - before // values have few digits, which may round a step up
  assert.ok(moved >= 20 && moved < 30, String(moved))
  await close(page)
})

test('what the engine refuses is named, and the last run stays', async () => {
  const { page, shown } = await paused(small())
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  const gap = page.locator('.groups').getByRole('spinbutton', { name: 'Gap' })
  await setNumber(gap, 90)
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match(await alert.innerText(), /tasks\.gap/)
  assert.equal(await shown.cards.count(), 2)
  await setNumber(gap, 0.5)
  await until(async () => (await alert.count()) === 0, 'the message to go')
  await close(page)
})

test('after a refused value the finished run stays finished, and undo leads back to it', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  const digest = await shown.finish()
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  const gap = page.locator('.groups').getByRole('spinbutton', { name: 'Gap' })
  const before = await gap.inputValue()
  await setNumber(gap, 90)
  await page.getByRole('alert').getByText(/tasks\.gap/).waitFor()
  await shown.button('Play again').click()
  await page.getByRole('alert').getByText(/tasks\.gap/).waitFor()
  assert.equal(await shown.button('Pause').count(), 0)
  await shown.button('Undo').click()
  await until(async () => !(await page.getByRole('alert').count()), 'the message to go')
  assert.equal(await gap.inputValue(), before)
  assert.equal(await shown.digest(), digest)
  await close(page)
})

test('what was altered by hand is in force from the start where the training gets shorter', async () => {
  const page = await browser.open(fragmentOf(small({ alterations: [{ step: 350, learner: 1, key: 'lambda', value: 300 }] })))
  const shown = new Shown(page)
  await shown.started()
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  await setNumber(page.locator('.groups').getByRole('spinbutton', { name: 'Steps a task' }), 100)
  await until(async () => (await page.locator('.count').innerText()).endsWith('of 200'), 'the shorter training')
  assert.equal(await page.getByRole('alert').count(), 0)
  const { methods, alterations } = await fromFragment(new URL(await shown.link()).hash, () => null)
  assert.deepEqual([methods[1].lambda, alterations], [300, undefined])
  await close(page)
})

test('a variant keeps its method’s name at the margin where others stand beside it', async () => {
  const variants = [{ kind: 'ewc', lambda: 10 }, { kind: 'ewc', lambda: 20 }]
  const labelsOf = async (methods) => {
    const { page } = await paused(small({ methods }))
    const tags = page.locator('.curves figure').first().locator('text.tag')
    await until(async () => (await tags.count()) === methods.length, 'the names')
    const texts = await tags.allTextContents()
    await close(page)
    return texts.sort()
  }
  assert.deepEqual(await labelsOf([{ kind: 'finetune' }, ...variants]), ['Fine-tuning', 'λ = 10', 'λ = 20'])
  assert.deepEqual(await labelsOf([{ kind: 'finetune' }, { kind: 'gem' }, ...variants]), ['EWC, λ = 10', 'EWC, λ = 20', 'Fine-tuning', 'GEM'])
})

test('where all diverge, that is the news', async () => {
  const page = await browser.open(fragmentOf(small({ methods: [diverging, { ...diverging, kind: 'ewc' }] })))
  await page.locator('.milestone').getByText(/All have diverged/).waitFor()
  await close(page)
})

test('long names of many tasks make nothing wider than the page', async () => {
  const tasks = Array.from({ length: 20 }, (_, at) => ({ name: `a task with a long name ${at}`, train: { inputs: [[at], [at + 1]], targets: [[0], [1]] } }))
  const page = await browser.open(fragmentOf(small({ tasks: { kind: 'explicit', loss: 'mse', tasks } })), { viewport: { width: 360, height: 740 } })
  const shown = new Shown(page)
  await shown.started()
  await shown.pause()
  const [content, window] = await widths(page)
  assert.ok(content <= window, `${content} in ${window}`)
  assert.deepEqual(await page.locator('fit-plot .range-name').allTextContents(), []) // none has room
  await close(page)
})

test('a run that diverges says which and when, and offers a smaller learning rate, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small({ methods: [{ kind: 'finetune' }, diverging] })))
  const shown = new Shown(page)
  await shown.started()
  const card = shown.cards.nth(1)
  await card.getByText(/diverged at step \d/).waitFor()
  await shown.passes((await shown.step()) + 20)
  assert.equal(await shown.cards.first().getByText(/diverged/).count(), 0)
  await shown.finish()
  await shown.slow()
  await card.getByRole('button', { name: 'Try a learning rate of 1' }).click()
  await until(async () => (await shown.link()) !== '' && (await shown.step()) < (await shown.steps()), 'the new run')
  assert.equal(await shown.cards.count(), 2)
  await close(page)
})

test('methods are added and removed', async () => {
  const { page, shown } = await paused(small())
  const choice = page.getByRole('combobox', { name: 'Add a method' })
  const kinds = await choice.locator('option').evaluateAll((options) => options.map(({ value }) => value))
  assert.ok(kinds.length >= 7, String(kinds))
  await choice.selectOption('gem')
  await shown.button('Add').click()
  await until(async () => (await shown.cards.count()) === 3, 'a third card')
  assert.match(await shown.cards.nth(2).innerText(), /GEM/)
  await shown.cards.first().locator('summary').first().click()
  await shown.cards.first().getByRole('button', { name: /^Remove/ }).click()
  await until(async () => (await shown.cards.count()) === 2, 'two cards')
  assert.equal(await page.evaluate(() => document.activeElement.id), 'add-method')
  assert.match(await shown.cards.nth(1).innerText(), /GEM/)
  await close(page)
})

test('every chapter stands once, numbered in reading order, under the group that it names, in both browsers', async () => {
  const { page } = await paused(small())
  const groups = await page.locator('.chapters .group:has(ul)').evaluateAll((all) => all.map((group) => [
    group.querySelector('span').textContent, [...group.querySelectorAll('button')].map((button) => button.querySelector('span').textContent),
  ]))
  assert.deepEqual(groups.map(([name]) => name), ['The problem', 'Penalties', 'Memory', 'Classification'])
  assert.ok(groups.every(([, numbers]) => numbers.length))
  assert.deepEqual(groups.flatMap(([, numbers]) => numbers), presets.map((_, at) => String(at + 1)))
  assert.deepEqual(await page.locator('.chapters ul[aria-label="Memory"] button').allInnerTexts().then((texts) => texts.map((text) => text.replace(/^\d+\s*/, ''))), ['GEM', 'A tiny memory'])
  await close(page)
})

test('a chapter that is changed stays the chapter, says so, and there is a way back and one to the next', async () => {
  const page = await browser.open('#preset=gem')
  const shown = new Shown(page)
  await shown.started()
  const changed = page.getByText('Changed since the chapter was opened.')
  const story = await page.locator('.story p').first().innerText()
  assert.equal(await changed.count(), 0)
  const cards = await shown.cards.count()
  await shown.button('Add').click()
  await changed.waitFor()
  await until(async () => (await shown.cards.count()) === cards + 1, 'the method')
  assert.equal(await shown.button('GEM').getAttribute('aria-current'), 'true')
  assert.equal(await page.locator('.story p').first().innerText(), story)
  assert.ok(await page.locator('.formula').isVisible())
  await shown.link()
  await page.reload()
  await changed.waitFor()
  assert.equal(await page.locator('.story p').first().innerText(), story)
  await until(async () => (await shown.cards.count()) === cards + 1, 'the method once more')
  await shown.button('Back to the chapter').click()
  await until(async () => (await shown.cards.count()) === cards, 'the chapter as it was')
  assert.equal(await changed.count(), 0)
  const widths = () => page.locator('.chapters button').evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().width))
  const before = await widths()
  await shown.button('Next: A tiny memory →').click()
  await until(async () => (await shown.button('A tiny memory').getAttribute('aria-current')) === 'true', 'the next chapter')
  assert.deepEqual(await widths(), before) // bold or not
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  await page.getByRole('combobox', { name: 'Task generator' }).selectOption('moons')
  await page.getByText('Your own experiment').waitFor() // with other tasks
  await close(page)
})

test('on a phone the first screen holds a plot, and a toolbar in landscape is one row', async () => {
  const page = await browser.open('', { viewport: { width: 360, height: 740 } })
  const shown = new Shown(page)
  await shown.started()
  const plot = await page.locator('fit-plot').first().boundingBox()
  assert.ok(plot.y + 100 < 740, String(plot.y))
  const story = page.locator('.story p').first()
  const { height } = await story.boundingBox()
  await shown.button('Read on').click()
  await until(async () => (await story.boundingBox()).height > 2 * height, 'all of the story')
  assert.ok(await page.locator('.intro').isVisible())
  await page.setViewportSize({ width: 740, height: 360 })
  await until(async () => (await page.locator('.transport').boundingBox()).height < 72, 'one row')
  await close(page)
})

test('on a laptop the first screen holds the first networks and the curves of task A, level and uncut, in both browsers', async () => {
  const page = await browser.open('', { viewport: { width: 1400, height: 900 }, reducedMotion: 'reduce' })
  const shown = new Shown(page)
  await shown.finish()
  const boxes = (selector) => page.locator(selector).evaluateAll((all) => all.map((each) => {
    const { top, right, bottom } = each.getBoundingClientRect()
    return { top: Math.round(top), right, bottom }
  }))
  const [networks, curves, settings] = [await boxes('fit-plot'), await boxes('curve-plot'), await boxes('.card .settings')]
  assert.ok(networks[2].bottom < 700 && networks[3].top < 850, JSON.stringify(networks))
  assert.ok(curves[0].bottom < 720 && curves[1].top < 760, JSON.stringify(curves))
  assert.equal(new Set(settings.slice(0, 3).map(({ top }) => top)).size, 1, JSON.stringify(settings))
  for (const { right } of await boxes('curve-plot .tag')) assert.ok(right <= curves[0].right + 0.5, `${right} ${curves[0].right}`)
  await close(page)
})

test('a large screen is enlarged, and what is pointed at is met there too, in both browsers', async () => {
  const page = await browser.open('', { viewport: { width: 2560, height: 1440 } })
  const shown = new Shown(page)
  await shown.started()
  await shown.pause()
  const box = (selector) => page.locator(selector).first().boundingBox()
  assert.ok((await box('.buttons .primary')).height >= 48)
  await page.locator('.numbers .help').first().focus()
  const [help, tip] = [await box('.numbers .help'), await box('#tip')]
  assert.ok(Math.abs(help.x + help.width / 2 - tip.x - tip.width / 2) < 3 && tip.y >= help.y + help.height - 1, JSON.stringify({ help, tip }))
  await page.keyboard.press('Escape')
  await shown.button('Draw your own tasks').click()
  const drawing = page.locator('draw-plot svg').first()
  const press = async () => { // the same place of the plot, wherever the page has been scrolled to
    await drawing.scrollIntoViewIfNeeded()
    const { x, y, width, height } = await placeOf(drawing)
    await page.mouse.click(x + 0.5 * width, y + 0.12 * height)
  }
  const points = async () => /, (\d+) points/.exec(await drawing.getAttribute('aria-label'))[1]
  assert.equal(await points(), '100')
  await press()
  await until(async () => (await points()) === '101', 'the point')
  await page.getByRole('button', { name: 'Erase' }).click()
  await press() // finds it where it was put
  await until(async () => (await points()) === '100', 'the point to go')
  await close(page)
})

test('every method, task and optimizer of the catalogue can be chosen', async () => {
  const { page, shown } = await paused(small({ methods: [{ kind: 'finetune' }] }))
  const adder = page.getByRole('combobox', { name: 'Add a method' })
  const kinds = await adder.locator('option').evaluateAll((options) => options.map(({ value }) => value))
  for (const [at, kind] of kinds.entries()) {
    await adder.selectOption(kind)
    await shown.button('Add').click()
    await until(async () => (await shown.cards.count()) === at + 2, kind)
  }
  await page.getByRole('heading', { name: 'The experiment', level: 2 }).click()
  for (const name of ['Task generator', 'Optimizer']) {
    const choice = page.getByRole('combobox', { name, exact: true })
    const values = await choice.locator('option').evaluateAll((options) => options.map(({ value }) => value))
    assert.ok(values.length >= 2)
    for (const value of values) {
      const before = await shown.link()
      if (value.endsWith('_digits') || (await choice.inputValue()) === value) continue // digits have their own tests
      await choice.selectOption(value)
      await until(async () => (await shown.link()) !== before, `${name} ${value}`)
    }
  }
  assert.equal(await page.getByRole('alert').count(), 0)
  await close(page)
})

test('an edit stays while the one before it is opened', async () => {
  const page = await browser.open(fragmentOf(small()))
  await new Shown(page).started()
  const edited = await page.evaluate(async () => {
    const { lab } = document.querySelector('palimpsest-app')
    lab.addMethod('gem')
    await new Promise((resolve) => setTimeout(resolve)) // it is being opened
    lab.setTraining('batch_size', 4)
    while (lab.state.described.experiment.methods.length < 3) await new Promise((resolve) => setTimeout(resolve))
    lab.setTraining('steps_per_task', 320)
    return lab.state.experiment
  })
  assert.equal(edited.methods.length, 3)
  assert.deepEqual([edited.training.batch_size, edited.training.steps_per_task], [4, 320])
  await close(page)
})

test('what has been opened does not take back the edit that is being opened', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  await shown.passes(200)
  const seeds = await page.evaluate(async () => {
    const { lab } = document.querySelector('palimpsest-app')
    const { methods } = lab.state.experiment
    lab.addMethod('gem') // which is trained up to here, and then takes the place of the run
    while (lab.state.replaying === null && lab.state.described.experiment.methods.length === methods.length) await new Promise((resolve) => setTimeout(resolve))
    const post = Worker.prototype.postMessage
    Worker.prototype.postMessage = function (message, ...rest) { // an engine is slow to say whether the edit is right
      setTimeout(() => post.call(this, message, ...rest), message.type === 'check' ? 500 : 0)
    }
    lab.newSeed()
    const seen = new Set()
    while (lab.state.described.experiment.seed !== 6) {
      seen.add(lab.state.experiment.seed)
      await new Promise((resolve) => setTimeout(resolve))
    }
    return [...seen]
  })
  assert.deepEqual(seeds, [6])
  await close(page)
})

test('what is edited while it trains starts over, and old frames are dropped', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  for (let round = 0; round < 8; round++) await shown.button('New seed').click()
  await until(async () => /seed 13,/.test(await page.locator('.digest').innerText()), 'the last seed')
  const digest = await shown.finish()
  await close(page)
  const other = await browser.open(fragmentOf(small({ seed: 13 })))
  const again = new Shown(other)
  await again.started()
  assert.equal(await again.finish(), digest)
  await close(other)
})

// As one file, and framed

test('index.html from a disk says what to open instead, and says nothing where it works', notInFirefox('as it is driven, it runs modules from a disk'), async () => {
  const page = await browser.blank()
  await page.goto(pathToFileURL(join(dist, 'index.html')).href)
  const advice = page.getByText(/open palimpsest\.html/)
  await advice.waitFor()
  await page.context().close() // its scripts are refused: that is the fault
  const served = await browser.open()
  await new Shown(served).started()
  assert.equal(await served.getByText(/open palimpsest\.html/).count(), 0)
  await close(served)
})

test('the single file works from file://, offline and alone, in both browsers', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'palimpsest-'))
  copyFileSync(join(dist, 'palimpsest.html'), join(folder, 'palimpsest.html'))
  const page = await browser.blank({ offline: true })
  await page.goto(pathToFileURL(join(folder, 'palimpsest.html')).href + fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  const digest = await shown.finish()
  await close(page)
  rmSync(folder, { recursive: true })
  const served = await browser.open(fragmentOf(small()))
  const same = new Shown(served)
  await same.started()
  assert.equal(await same.finish(), digest)
  await close(served)
})

for (const [name, fragment] of [['the default experiment', ''], ['a link', fragmentOf(small())]]) {
  test(`a sandboxed frame of another site works: ${name}, in both browsers`, async () => {
    const page = await browser.framed(fragment)
    const frame = page.frameLocator('iframe')
    const shown = new Shown(frame)
    await shown.started()
    const before = await shown.lines()
    await until(async () => String(await shown.lines()) !== String(before), 'other lines')
    await frame.getByRole('button', { name: 'New seed' }).click()
    await until(async () => /seed [256]/.test(await frame.locator('.digest').innerText()), 'another seed')
    await frame.getByRole('button', { name: 'Copy link' }).click()
    await frame.getByRole('button', { name: /Copied|Press Ctrl/ }).waitFor()
    const opaque = /permissions? policy|clipboard|history|sandbox/i // what a frame may be told it may not do
    page.faults = page.faults.filter((fault) => !opaque.test(fault))
    await close(page)
  })
}

// For every reader

const widths = (page) => page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])

test('360 pixels are wide enough for every chapter, every part opened', async () => {
  const page = await browser.open('', { viewport: { width: 360, height: 740 } })
  const shown = new Shown(page)
  await shown.started()
  for (const { name, title } of presets) {
    await shown.button(title).click()
    await until(async () => (await shown.button(title).getAttribute('aria-current')) === 'true', name)
    await shown.started()
    await shown.pause()
    await openAll(page)
    const [content, window] = await widths(page)
    assert.ok(content <= window, `${name}: ${content} in ${window}`)
    const cut = await page.locator('button:visible, select:visible, input:visible').evaluateAll((controls) =>
      controls.filter((control) => {
        const { left, right } = control.getBoundingClientRect()
        return (left < 0 || right > innerWidth) && !control.closest('.scroller, nav')
      }).map((control) => control.outerHTML.slice(0, 120)))
    assert.deepEqual(cut, [], name)
  }
  await close(page)
})

test('on 360 pixels what is trained and the step stand in one line, so that nothing moves when task B begins', async () => {
  const page = await browser.open('', { viewport: { width: 360, height: 740 } })
  const where = page.locator('.where')
  await until(async () => /task A.*step [1-9]/s.test(await where.innerText()), 'task A')
  const { height } = await where.boundingBox()
  await new Shown(page).speed.fill('3')
  await until(async () => /task B.*step \d.\d{3}/s.test(await where.innerText()), 'task B')
  assert.equal((await where.boundingBox()).height, height)
  await close(page)
})

test('on 360 pixels the numbers of both tasks are seen, and that there are more', async () => {
  const { page } = await paused(defaultPreset.experiment, { viewport: { width: 360, height: 740 } })
  const table = page.locator('table.numbers')
  const ends = () => table.locator('tbody tr').first().locator('th, td').evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect().right))
  assert.ok((await ends()).every((end) => end <= 344), String(await ends())) // the method, A, B, and what is forgotten
  await page.getByRole('button', { name: 'All metrics and digests' }).click()
  await until(async () => (await ends()).at(-1) > 344, 'the rest')
  await table.evaluate((table) => (table.parentElement.scrollLeft = 400))
  const first = await table.locator('tbody th').first().boundingBox()
  assert.ok(first.x >= 0 && first.x < 40, JSON.stringify(first)) // the method stays in sight
  assert.match(await page.locator('.scroller').first().evaluate((scroller) => getComputedStyle(scroller).backgroundAttachment), /local, scroll/)
  await close(page)
})

test('no control of the settings is cut where three cards stand side by side', async () => {
  const methods = [{ kind: 'ewc', consolidation: 'online' }, { kind: 'l2', consolidation: 'online' }, { kind: 'kfac' }, { kind: 'gem' }, { kind: 'lwf' }]
  const { page, shown } = await paused(small({ methods }))
  await page.evaluate(() => document.querySelectorAll('.settings').forEach((details) => (details.open = true)))
  for (const width of [720, 800, 1160, 1240, 1400]) {
    await page.setViewportSize({ width, height: 900 })
    const columns = await shown.cards.evaluateAll((cards) => new Set(cards.map((card) => card.getBoundingClientRect().left)).size)
    assert.equal(columns, 3)
    const cut = await page.locator('.settings .control').evaluateAll((controls) => controls.filter((control) => {
      const room = control.closest('.settings').getBoundingClientRect().right
      const text = document.createElement('canvas').getContext('2d')
      return [...control.children].some((each) => {
        text.font = getComputedStyle(each).font
        const longest = Math.max(0, ...[...each.options ?? []].map((option) => text.measureText(option.text).width))
        return each.getBoundingClientRect().right > room || (longest && longest + 36 > each.clientWidth) // paddings, and the arrow
      })
    }).map((control) => control.innerHTML.slice(0, 160)))
    assert.deepEqual(cut, [], `${width} px`)
  }
  await close(page)
})

test('the experiment stays open when another chapter is chosen, and while digits are fetched', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  const panel = page.locator('details.experiment', { has: page.getByRole('heading', { name: 'The experiment', level: 2 }) })
  await panel.locator('summary').first().click()
  for (const title of ['GEM', 'Permuted digits', 'EWC']) {
    await shown.button(title).click()
    await until(async () => (await shown.button(title).getAttribute('aria-current')) === 'true' && (await panel.count()), title)
    assert.ok(await panel.evaluate(({ open }) => open), title)
  }
  await close(page)
})

test('axe finds nothing where something went wrong, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small({ surprise: 1 })))
  await new Shown(page).started()
  await page.evaluate(() => (location.hash = ''))
  await page.evaluate((hash) => (location.hash = hash), fragmentOf(small({ methods: [{ kind: 'ewc' }, diverging] })))
  await page.getByText(/diverged at step \d/).first().waitFor()
  await accessible(page)
  await close(page)
})

test('the keyboard reaches every control, and what has the focus is seen, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  await shown.button('Pause').evaluate((button) => button.click()) // the mouse would set where Tab begins
  const reached = []
  for (let press = 0; press < 400; press++) {
    await page.keyboard.press('Tab')
    const at = await page.evaluate(() => {
      const element = document.activeElement
      if (!element || element === document.body) return null
      const follows = !window.before || (window.before.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) > 0
      window.before = element
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      return { follows, seen: (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none', html: element.outerHTML.slice(0, 100) }
    })
    if (!at && reached.length) break // past the last
    if (at) reached.push(at)
  }
  assert.deepEqual(reached.filter(({ seen }) => !seen).map(({ html }) => html), [])
  const expected = await page.locator('button:enabled, select, summary, input').evaluateAll((controls) =>
    controls.filter((control) => control.checkVisibility({ contentVisibilityAuto: true })).length)
  assert.ok(reached.length >= expected, `${reached.length} of ${expected}`)
  assert.deepEqual(reached.filter(({ follows }) => !follows), [])
  await close(page)
})

test('Enter and Space work the buttons, in both browsers', async () => {
  const { page, shown } = await paused(small())
  await shown.button('Reset').focus()
  await page.keyboard.press('Enter')
  await until(async () => (await shown.step()) === 0, 'step 0')
  await shown.button('Play').focus()
  await page.keyboard.press('Space')
  await shown.passes(0)
  await shown.button('Pause').focus()
  await page.keyboard.press('Space')
  await shown.button('Play').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Play')
  await close(page)
})

test('help shows on focus and goes on Escape; that of a setting stays in its place', async () => {
  const { page, shown } = await paused(small())
  await shown.cards.nth(1).locator('summary').first().click()
  const field = shown.cards.nth(1).locator('parameter-field').first()
  await field.getByRole('button', { name: /^Help: / }).click()
  const [text, slider] = await Promise.all([field.locator('.about').boundingBox(), field.getByRole('slider').boundingBox()])
  assert.ok(text.height > 10 && text.y >= slider.y + slider.height - 1, `${text.y} ${slider.y}`)
  await setNumber(field.getByRole('spinbutton'), 38000000)
  await until(async () => (await field.getByRole('spinbutton').inputValue()) === '3.8e7', 'few digits')
  const help = page.locator('.numbers').getByRole('button', { name: /^Help: / }).first()
  await help.focus()
  await page.getByRole('tooltip').waitFor()
  assert.ok((await page.getByRole('tooltip').innerText()).length > 10)
  await page.keyboard.press('Escape')
  await page.getByRole('tooltip').waitFor({ state: 'hidden' })
  await close(page)
})

test('reduced motion: the finished run, nothing animated, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small()), { reducedMotion: 'reduce' })
  const shown = new Shown(page)
  const seen = new Set()
  await until(async () => {
    if (!(await shown.bar.count())) return false
    seen.add(await shown.step())
    return (await shown.step()) === (await shown.steps())
  }, 'the run to end')
  for (const step of seen) assert.ok(step === 0 || step === (await shown.steps()), `step ${step} was drawn`)
  await page.getByText(/reduced motion/).first().waitFor()
  const animated = await page.evaluate(() => document.getAnimations().length +
    [...document.querySelectorAll('*')].filter((element) => {
      const { transitionDuration, animationName } = getComputedStyle(element)
      return animationName !== 'none' || transitionDuration.split(', ').some((duration) => parseFloat(duration) > 0.01)
    }).length)
  assert.equal(animated, 0)
  await shown.slow()
  await shown.button('Play again').click()
  await until(async () => (await shown.step()) > 0 && (await shown.step()) < (await shown.steps()), 'it to play when asked')
  await close(page)
})

test('a page of the dark is dark, of the light light, in both browsers', async () => {
  const brightness = []
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.open(fragmentOf(small()), { colorScheme })
    await new Shown(page).started()
    const colour = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    brightness.push(colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))
    await close(page)
  }
  assert.ok(brightness[0] > 600 && brightness[1] < 150, String(brightness))
})

test('a number is written alike wherever it stands: in the card, the table, the plot’s description', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  const texts = (within, selector) => within.locator(selector).allTextContents().then((all) => all.map((text) => text.replace(/\s+/g, ' ').trim()))
  for (const [learner, name] of ['Fine-tuning', 'EWC'].entries()) {
    const inTable = (await texts(page.locator('table.numbers tbody tr').nth(learner), 'td')).slice(0, 2)
    await until(async () => String(await texts(shown.cards.nth(learner), '.losses span')) === `A ${inTable[0]},B ${inTable[1]}`, `${name}: the card`)
    for (const [task, value] of inTable.entries()) {
      const plot = page.getByRole('img', { name: new RegExp(`^Forgetting curves of task ${'AB'[task]}\\.`) })
      await until(async () => (await plot.getAttribute('aria-label')).includes(`${name} ${value}`), `${name}: the plot`)
    }
    assert.match(await shown.cards.nth(learner).getByRole('img').getAttribute('aria-label'), new RegExp(`task A ${inTable[0]}, task B ${inTable[1]}\\.`))
  }
  const inNews = (await page.locator('.milestone').innerText()).match(/\d+\.\d+/g)
  const tables = ['Functions as a table', 'Curves as a table']
  for (const name of tables) await page.getByText(name).click()
  await until(async () => (await page.locator('.tucked[open] table').count()) === 2, 'the tables')
  const cells = await texts(page, '.tucked[open] td:not(:empty), table.numbers td:not(:has(code))')
  assert.ok(cells.length > 60 && inNews.length > 2)
  for (const text of [...cells, ...inNews]) assert.match(text, /^−?(0|\d\.\d|0\.0*[1-9]\d|[1-9]\d+|\d(\.\d)?×10[⁻⁰-⁹¹²³]+)$/)
  await close(page)
})

test('every plot has a name and its numbers in words and as a table, in both browsers', async () => {
  const page = await browser.open(fragmentOf(small()))
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  for (const [name, count] of [[/^Task fits of .*loss at this step: /, 2], [/^Forgetting curves of .*At step /, 2]]) {
    assert.equal(await page.getByRole('img', { name }).count(), count)
  }
  for (const name of ['Functions as a table', 'Curves as a table']) {
    await page.getByText(name).click()
    await until(async () => (await page.getByRole('region', { name }).locator('tr').count()) > 5, name)
  }
  await close(page)
})

test('the curves have the noise as a line, their names stand at the margin while they grow, and what is printed is light', async () => {
  const page = await browser.open(fragmentOf(small()), { colorScheme: 'dark' })
  const shown = new Shown(page)
  await shown.started()
  const plot = page.locator('curve-plot').first()
  assert.equal(await plot.locator('.reference-name').innerHTML().then((text) => text.replace(/<!--.*?-->/g, '').trim()), 'noise 0.0025') // 0.05²
  const at = (selector, name) => plot.locator(selector).first().evaluate((element, name) => Number(element.getAttribute(name)), name)
  const [right, early] = [await plot.locator('path.reference').getAttribute('d'), await at('.tag', 'x')]
  assert.ok(early > Number(/H([\d.]+)/.exec(right)[1]), `${early}, ${right}`)
  const low = await plot.locator('.axis.y .tick').first().innerHTML()
  await shown.finish()
  assert.equal(await at('.tag', 'x'), early)
  assert.equal(await plot.locator('.axis.y .tick').first().innerHTML(), low) // the scale has not moved
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--paper'))
  assert.equal(await paper(), '#16171a')
  await page.emulateMedia({ media: 'print' })
  assert.equal(await paper(), '#fbfaf6')
  await close(page)
})

test('a parameter whose 0 means all shows that, and takes it, in both browsers', async () => {
  const replay = { kind: 'replay', memory_per_task: 10 }
  const { page, shown } = await paused(small({ methods: [{ ...replay, replay_batch: 5 }, replay] }))
  await page.getByRole('article', { name: 'naive rehearsal, replayed a step = all' }).waitFor()
  await shown.cards.nth(1).locator('summary').first().click()
  const replayed = shown.cards.nth(1).locator('parameter-field', { hasText: 'Replayed a step' })
  const number = replayed.getByRole('spinbutton')
  assert.deepEqual([await number.inputValue(), await number.getAttribute('placeholder')], ['', 'all'])
  assert.equal(await replayed.getByRole('slider').getAttribute('aria-valuetext'), 'all')
  await replayed.getByRole('button', { name: /^Help: / }).click()
  assert.match(await replayed.locator('.about').innerText(), /at every step; 0 means all\.$/)
  await page.locator('details:has(> .groups) > summary').click()
  const batch = page.locator('.groups').getByRole('spinbutton', { name: 'Batch size' })
  const link = async () => JSON.parse(inflateRawSync(Buffer.from((await shown.link()).split('#v1=')[1], 'base64url')))
  for (const [given, size] of [['0', 0], ['4', 4], ['', 0]]) {
    await setNumber(batch, given)
    await until(async () => (await link()).training.batch_size === size, `a batch of ${size}`)
    await until(async () => (await batch.inputValue()) === (size ? String(size) : ''), `${size} in the field`)
  }
  await close(page)
})
