// What is pointed at: a step in every plot of curves, with each learner's value there, and a method, which
// is raised among the others.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { formatLoss } from '../src/format.js'
import { accessible, Browser, close, finger, fragmentOf, placeOf, Shown, small, until } from './browser.mjs'

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

const three = small({ methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem' }] })

async function opened(options, run = three) {
  const page = await browser.open(fragmentOf(run), options)
  const shown = new Shown(page)
  await shown.started()
  return { page, shown, plot: page.locator('.curves .panels curve-plot').first() }
}

async function finished(options) {
  const at = await opened(options)
  await at.shown.finish()
  return at
}

/** Where a step is in a plot, in pixels of the window, and so far down as a share of it. */
async function placeIn(plot, step, down = 0.5) {
  await plot.scrollIntoViewIfNeeded()
  const [x, y] = await plot.evaluate(({ frame: { x, height } }, [step, down]) => [x(step), height * down], [step, down])
  const box = await placeOf(plot)
  return [box.x + x, box.y + y]
}

const pointAt = async (page, plot, step, down) => page.mouse.move(...await placeIn(plot, step, down))
const readout = (page) => page.locator('.readout')
const said = (page) => readout(page).innerText().then((text) => text.replace(/\s+/g, ' '))
const saying = (page, pattern) => until(async () => (await readout(page).count()) === 1 && pattern.test(await said(page)), String(pattern))
const marks = (page) => page.locator('curve-plot path.crosshair')
const stateOf = (page, name) => page.evaluate((name) => document.querySelector('palimpsest-app').lab.state[name], name)
const shownStep = (page) => page.evaluate(() => document.querySelector('palimpsest-app').lab.state.snapshot.step)

/** Each learner's value on A at a step, the highest first, as the page writes them. */
const valuesAt = (page, step) => page.evaluate((step) => document.querySelector('palimpsest-app').lab.state.live.learners
  .map(({ curves }) => curves.loss[0][curves.step.indexOf(step)]).sort((a, b) => b - a), step).then((values) => values.map(formatLoss))

test('the mouse marks a recorded step in every plot of curves, with every value there in the order of the lines, in both browsers', async () => {
  const { page, plot } = await finished()
  assert.equal(await marks(page).count(), 0)
  await pointAt(page, plot, 433)
  await saying(page, /^Step 440 /) // every 20th is recorded
  await until(async () => (await marks(page).count()) === 2, 'both marks')
  const values = await valuesAt(page, 440)
  assert.deepEqual((await readout(page).locator('b').allInnerTexts()), values)
  assert.equal(new Set(await readout(page).locator('p[class] span').allInnerTexts()).size, 3)
  assert.equal(await readout(page).locator('path.curve').count(), 3) // the keys
  assert.equal(await plot.locator('.dots circle').count(), 3)
  await page.mouse.wheel(0, 120)
  await until(() => page.evaluate(() => scrollY > 0), 'the page to scroll')
  await page.mouse.move(2, 2)
  await until(async () => (await marks(page).count()) === 0 && (await readout(page).count()) === 0, 'nothing')
  await close(page)
})

test('while it is pointed at the training goes on or rests as it did, and what is marked follows the line to the mouse, in both browsers', async () => {
  const { page, shown, plot } = await opened()
  await pointAt(page, plot, 200)
  const at = async () => Number((await said(page)).match(/^Step (\d+)/)[1])
  await until(async () => (await readout(page).count()) === 1, 'the readout')
  const early = await at()
  assert.ok(early < 200, String(early))
  await until(async () => (await at()) > early, 'a later step')
  await shown.passes(220)
  await saying(page, /^Step 200 /)
  assert.equal(await stateOf(page, 'playing'), true)
  await shown.pause()
  const step = await shown.step()
  await pointAt(page, plot, 100)
  await saying(page, /^Step 100 /)
  await page.waitForTimeout(200)
  assert.equal(await shown.step(), step)
  assert.equal(await shownStep(page), step)
  await close(page)
})

test('a click goes back to the step, and what came after it can still be pointed at, in both browsers', async () => {
  const { page, shown, plot } = await finished()
  await page.mouse.click(...await placeIn(plot, 200))
  await until(async () => (await shownStep(page)) === 200, 'step 200')
  await pointAt(page, plot, 500)
  await saying(page, /^Step 500 .*Click: back to this step$/)
  await pointAt(page, plot, 200)
  await until(async () => /^Step 200 /.test(await said(page)) && !/Click/.test(await said(page)), 'no hint where it is shown')
  await page.mouse.click(...await placeIn(plot, 600))
  await until(async () => (await shownStep(page)) === 600, 'the end')
  await shown.button('Play again').waitFor()
  await close(page)
})

test('the arrow keys go from step to step and from line to line, Enter opens the moment, Escape ends it, in both browsers', async () => {
  const { page, shown } = await finished()
  const slider = page.getByRole('slider', { name: 'Forgetting curves of task A. Press to open this moment.' })
  const spoken = () => slider.getAttribute('aria-valuetext')
  const speaks = (pattern) => until(async () => pattern.test(await spoken()), String(pattern))
  assert.equal(await spoken(), null)
  await slider.focus()
  await speaks(/^At step 600: /)
  for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowRight']) await page.keyboard.press(key)
  await speaks(/^At step 580: /)
  await until(async () => (await marks(page).count()) === 2, 'both marks')
  const values = await valuesAt(page, 580)
  for (const value of values) assert.ok((await spoken()).includes(value), await spoken())
  await page.keyboard.press('ArrowDown')
  await speaks(new RegExp(`: [^,]+ ${values[0]},`))
  await page.keyboard.press('ArrowDown')
  await speaks(new RegExp(`: [^,]+ ${values[1]},`)) // what is raised is said first
  await accessible(page)
  await page.keyboard.press('Home')
  await speaks(/^At step 0: /)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Enter')
  await until(async () => (await shownStep(page)) === 20, 'step 20')
  await page.keyboard.press('Escape')
  await until(async () => (await marks(page).count()) === 0, 'no mark')
  await shown.button('Back to now').waitFor()
  await slider.focus()
  await page.keyboard.press('ArrowRight')
  await speaks(/^At step 40: /)
  await page.keyboard.press('Shift+Tab')
  await until(async () => (await marks(page).count()) === 0, 'no mark')
  await close(page)
})

test('a finger points across, scrolls up and down, and leaves what it pointed at until it taps elsewhere, in both browsers', async () => {
  const { page, plot } = await finished({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
  const [x, y] = await placeIn(plot, 100)
  const scrolled = () => page.evaluate(() => scrollY)
  const before = await scrolled()
  const [to] = await placeIn(plot, 500)
  await finger(page, Array.from({ length: 9 }, (_, at) => [x + (to - x) * at / 8, y]))
  await saying(page, /^Step 500 (?!.*Click)/)
  assert.equal(await scrolled(), before)
  assert.equal(await shownStep(page), 600)
  const { x: left, width } = await readout(page).boundingBox()
  assert.ok(left >= 0 && left + width <= 360, `${left} ${width}`)
  await finger(page, Array.from({ length: 13 }, (_, at) => [x, y + 11 * at]))
  await until(async () => (await scrolled()) < before, 'the page to move')
  await until(async () => (await marks(page).count()) === 0, 'no mark')
  await finger(page, [await placeIn(plot, 300)])
  await saying(page, /^Step 300 /)
  await finger(page, [[180, (await page.locator('#curves-title').boundingBox()).y + 4]])
  await until(async () => (await marks(page).count()) === 0, 'no mark')
  await close(page)
})

test('a card, a row of the numbers, a label or a line that is pointed at raises its method in every plot, in both browsers', async () => {
  const { page, shown, plot } = await finished()
  const seen = () => page.locator('.curves .panels curve-plot').evaluateAll((plots) => plots.map((plot) =>
    [...plot.querySelectorAll('path.curve:not(.key *)')].map((line) => `${/method-\d+/.exec(line.getAttribute('class'))[0].at(-1)} ${getComputedStyle(line).opacity}`)))
  const marked = () => page.locator('.card').evaluateAll((cards) => cards.findIndex((card) => getComputedStyle(card).boxShadow !== 'none'))
  const raises = (learner) => until(async () => (await seen()).every((lines) => lines.at(-1) === `${learner} 1` && lines.length === 3 &&
    lines.slice(0, -1).every((line) => Number(line.slice(2)) < 0.5)) && (await marked()) === learner, `${learner} to be raised`)
  const restored = () => until(async () => (await seen()).every((lines) => lines.join() === '0 1,1 1,2 1') && (await marked()) === -1, 'all as they were')
  const away = () => page.mouse.move(2, 2)
  await restored()
  await shown.cards.nth(1).locator('h3').hover()
  await raises(1)
  await away()
  await restored()
  await page.locator('table.numbers tbody tr').nth(0).hover()
  await raises(0)
  await away()
  await restored()
  await plot.locator('.tag.method-1').hover()
  await raises(1)
  const [x] = await placeIn(plot, 400)
  const line = await plot.evaluate((plot) => plot.frame.y(plot.series[0][plot.snapshot.learners[0].curves.step.indexOf(400)]))
  await page.mouse.move(x, (await plot.boundingBox()).y + line + 3)
  await raises(0)
  await away()
  await restored()
  await shown.cards.nth(2).locator('summary').first().focus()
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('Tab')
  await raises(2)
  await page.keyboard.press('Enter') // opens its settings
  await shown.cards.nth(2).getByRole('button', { name: /^Remove/ }).focus()
  await page.keyboard.press('Enter')
  await until(async () => (await shown.cards.count()) === 2, 'it to go')
  await until(async () => (await seen()).every((lines) => lines.join() === '0 1,1 1'), 'the others as they were')
  await close(page)
})
