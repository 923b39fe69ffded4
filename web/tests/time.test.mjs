// Undo, earlier moments of a training, and forks there.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { forked, namesOf, removeMethod, setParameter, settled, strengthOf } from '../src/experiment.js'
import { History } from '../src/history.js'
import { recordedOf, snapshotAt } from '../src/past.js'
import { Past } from '../src/relive.js'
import { accessible, accessibleInBoth, Browser, close, fragmentOf, Shown, until } from './browser.mjs'


const document = (changes = {}) => ({
  version: 1,
  seed: 5,
  tasks: { kind: 'sines', points: 30 },
  network: { hidden: [12] },
  training: { steps_per_task: 310, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem' }],
  record: { every: 20 },
  ...changes,
})
const altered = document({ alterations: [{ step: 350, learner: 1, key: 'lambda', value: 300 }] })

/** What the engine alone shows at a step. */
function snapshotOf(engine, document, step) {
  const session = engine.open(document)
  if (step) session.step(step)
  const snapshot = session.snapshot()
  session.close()
  return snapshot
}

function insidesOf(engine, document, step, most) {
  const session = engine.open(document)
  if (step) session.step(step)
  const insides = document.methods.map((_, learner) => session.inside(learner, most))
  session.close()
  return insides
}

// Without a page

test('what was run, undone and redone', () => {
  const history = new History()
  const [a, b, c, d] = [1, 2, 3, 4].map((seed) => ({ seed }))
  for (const document of [a, b, b, { seed: 2 }, c]) history.record(document, 0)
  assert.deepEqual([history.undo(), history.undo(), history.undo()], [b, a, a])
  assert.deepEqual([history.canUndo, history.canRedo, history.redo()], [false, true, b])
  history.record(d, 0)
  assert.deepEqual([history.canRedo, history.redo(), history.undo()], [false, d, b])
})

test('what changes smoothly is undone at once', () => {
  const history = new History()
  history.record({ seed: 0 }, 0)
  for (const [seed, ms] of [[1, 100], [2, 600], [3, 1500], [4, 9000]]) history.record({ seed }, ms, 'λ')
  assert.deepEqual([history.undo(), history.undo()], [{ seed: 3 }, { seed: 0 }])
  history.record({ seed: 7 }, 9001, 'λ')
  assert.deepEqual(history.undo(), { seed: 0 })
})

test('an earlier moment is what the engine showed there, in any order, however little is kept', async () => {
  const engine = await createEngine()
  for (const run of [altered, document({ tasks: { kind: 'moons', tasks: 2, points: 20 } })]) {
    const live = snapshotOf(engine, run, 600)
    const recorded = recordedOf(live)
    assert.ok(recorded.includes(310))
    for (const bytes of [1e9, 1]) {
      const past = new Past(engine, run, bytes)
      for (const at of [500, 0, 310, 320, 500, 580, 20]) { // at 0 and 500 the insides as well
        const most = at % 500 ? 0 : 4
        let reached
        while (!reached) reached = past.reach(at, recorded, performance.now() + 5, most)
        assert.deepEqual(snapshotAt(reached.moment, live), snapshotOf(engine, run, at))
        if (most) assert.deepEqual(reached.inside, insidesOf(engine, run, at, most))
      }
      past.close()
    }
  }
})

test('a fork leads from any method to any other, with the same past', async () => {
  const engine = await createEngine()
  const entries = engine.catalogue().methods
  const withStrength = entries.filter(strengthOf).map(({ kind }) => kind)
  assert.ok(withStrength.includes('ewc') && withStrength.includes('si') && !withStrength.includes('gem'), String(withStrength))
  for (const method of [{ kind: 'finetune' }, { kind: 'ewc', lambda: 30 }, { kind: 'gem' }, { kind: 'joint' }]) {
    let run = document({ tasks: { kind: 'sines', points: 30, tasks: 3 }, methods: [method] })
    for (const entry of entries.filter(({ kind }) => kind !== method.kind)) {
      const key = strengthOf(entry)?.key
      run = forked(run, 0, 420, { kind: entry.kind, ...(key && { key, value: 20 }) })
    }
    const [own, ...others] = engine.run(run).learners
    const until420 = own.curves.step.findIndex((step) => step > 420)
    for (const [at, learner] of others.entries()) {
      const { kind } = run.methods[at + 1]
      for (const [task, loss] of learner.curves.loss.entries()) {
        assert.deepEqual(loss.slice(0, until420), own.curves.loss[task].slice(0, until420), kind)
      }
      assert.notDeepEqual(learner.curves.loss, own.curves.loss, `${method.kind} to ${kind}`)
    }
  }
})

test('a fork of what was altered or forked before has its past', async () => {
  const engine = await createEngine()
  const lossOf = (run, at) => JSON.stringify(engine.run(run).learners[at].curves.loss)
  const once = forked(altered, 1, 400, { kind: 'gem' })
  assert.deepEqual(once.methods[3], { kind: 'gem', before: [
    { kind: 'ewc', lambda: altered.methods[1].lambda, until: 350 }, { kind: 'ewc', lambda: 300, until: 400 }] })
  assert.deepEqual(once.alterations, altered.alterations)
  const twice = forked(once, 3, 500, { kind: 'si', key: 'c', value: 3 })
  assert.deepEqual(twice.methods[4], { kind: 'si', c: 3, before: [...once.methods[3].before, { kind: 'gem', until: 500 }] })
  const sooner = forked(once, 3, 360, { kind: 'gem', key: 'margin', value: 0.5 }) // while EWC was still in force
  assert.deepEqual(sooner.methods[4], { kind: 'gem', margin: 0.5, before: [once.methods[3].before[0], { kind: 'ewc', lambda: 300, until: 360 }] })
  assert.deepEqual(forked(once, 3, 0, { kind: 'joint' }).methods[4], { kind: 'joint' })
  // To the strength that it has, it is itself.
  const same = forked(once, 3, 450, { kind: 'gem', key: 'margin', value: 0 })
  assert.equal(lossOf(same, 4), lossOf(once, 3))
})

test('a fork goes on from what its learner was altered to', () => {
  const { methods, alterations } = forked(altered, 1, 400, { kind: 'ewc', key: 'lambda', value: 5 })
  assert.deepEqual(methods[3], methods[1])
  assert.deepEqual(alterations.slice(1), [{ step: 350, learner: 3, key: 'lambda', value: 300 }, { step: 400, learner: 3, key: 'lambda', value: 5 }])
  assert.equal(forked(altered, 1, 340, { kind: 'ewc', key: 'lambda', value: 5 }).alterations.length, 2)
})

test('what is changed leaves the other learners’ alterations as they are', async () => {
  const change = { step: 350, learner: 1, key: 'lambda', value: 300 }
  assert.deepEqual(removeMethod(altered, 0).alterations, [{ ...change, learner: 0 }])
  assert.deepEqual(removeMethod(altered, 2).alterations, [change])
  assert.ok(!('alterations' in removeMethod(altered, 1)))
  assert.deepEqual(setParameter(altered, ['methods', 2, 'margin'], 0.5).alterations, [change])
  assert.ok(!('alterations' in setParameter(altered, ['methods', 1, 'lambda'], 7)))
  assert.ok(!('alterations' in settled(altered, 350)))
  assert.equal(settled(altered, 350).methods[1].lambda, 300)
  assert.deepEqual(settled(altered, 349), altered)
  const engine = await createEngine()
  const [, kept] = engine.run(altered).learners
  assert.equal(engine.run(removeMethod(altered, 0)).learners[0].digest, kept.digest)
})

test('a learner that is altered twice is named by its last two values', async () => {
  const [, { name }] = namesOf(setParameter({ ...altered, alterations: [...altered.alterations, { step: 400, learner: 1, key: 'lambda', value: 20 }] }, ['seed'], 6),
    (await createEngine()).catalogue())
  assert.match(name, /300 → 20 from step 400/)
})

test('two learners that are alike in all are told apart by their number', async () => {
  const ewc = { kind: 'ewc', lambda: 10 }
  const catalogue = (await createEngine()).catalogue()
  const named = (methods) => namesOf({ ...document(), methods }, catalogue).map(({ name }) => name)
  assert.deepEqual(named([ewc, ewc, ewc]), ['EWC', 'EWC, no. 2', 'EWC, no. 3'])
  assert.deepEqual(named([ewc, { ...ewc, lambda: 5 }, ewc]), ['EWC, λ = 10', 'EWC, λ = 5', 'EWC, λ = 10, no. 2'])
})

// In the page

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

async function opened(run = document(), options) {
  const page = await browser.open(fragmentOf(run), options)
  const shown = new Shown(page)
  await shown.started()
  return { page, shown, moment: page.getByRole('slider', { name: /^Moment of the training/ }) }
}

const seedIs = (page, seed) => until(async () => new RegExp(`seed ${seed},`).test(await page.locator('.digest').innerText()), `seed ${seed}`)
const stateOf = (page, name) => page.evaluate((name) => JSON.parse(JSON.stringify(window.document.querySelector('palimpsest-app').lab.state[name],
  (_, value) => (ArrayBuffer.isView(value) ? Array.from(value) : value))), name)
const plain = (value) => JSON.parse(JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? Array.from(part) : part)))

/** Every line: plots follow the state in frames of their own. */
async function drawn(shown) {
  await shown.drawn()
  return JSON.stringify(await shown.lines())
}

test('every change is undone and redone, by button and key, but not while typing, in both browsers', async () => {
  const { page, shown } = await opened()
  assert.ok(await shown.button('Undo').isDisabled() && await shown.button('Redo').isDisabled())
  await shown.button('New seed').click()
  await seedIs(page, 6)
  await shown.button('Undo').click()
  await seedIs(page, 5)
  await shown.button('Redo').click()
  await seedIs(page, 6)
  await page.getByRole('combobox', { name: 'Add a method' }).selectOption('si')
  await shown.button('Add').click()
  await until(async () => (await shown.cards.count()) === 4, 'the method')
  await page.keyboard.press('Control+z')
  await until(async () => (await shown.cards.count()) === 3, 'the method to go')
  await page.keyboard.press('Control+z')
  await seedIs(page, 5)
  await page.keyboard.press('Control+Shift+Z')
  await seedIs(page, 6)
  await page.getByRole('textbox', { name: 'Link to this experiment' }).press('Control+z')
  await page.waitForTimeout(300)
  await seedIs(page, 6)
  await shown.button('Forgetting').click()
  await until(async () => (await shown.button('Forgetting').getAttribute('aria-current')) === 'true', 'the chapter')
  await shown.button('Undo').click()
  await seedIs(page, 6)
  await close(page)
})

test('drawn tasks and what is altered by hand are undone', async () => {
  const { page, shown } = await opened()
  await shown.button('Draw your own tasks').click()
  await shown.button('Remove its points').click()
  await until(async () => (await stateOf(page, 'described')).tasks.length === 1, 'one task')
  await shown.button('Undo').click()
  await until(async () => (await stateOf(page, 'described')).tasks.length === 2, 'both tasks')
  await page.getByRole('button', { name: /^A\s*30$/ }).waitFor()
  await shown.button('Pause').click()
  await shown.cards.nth(1).locator('summary').first().click()
  const lambda = shown.cards.nth(1).getByRole('spinbutton', { name: /^λ|strength|lambda/i })
  await shown.button('Forward 20 steps').click()
  await lambda.fill('7')
  await lambda.press('Enter')
  await shown.cards.nth(1).getByText(/altered by hand/).waitFor()
  const step = await shown.step()
  await shown.button('Undo').click()
  await until(async () => (await shown.cards.nth(1).getByText(/altered by hand/).count()) === 0, 'the alteration to go')
  await until(async () => (await shown.step()) === step, 'the same step')
  await close(page)
})

test('every view goes back to an earlier moment and to now, and the training goes on as if nothing had been, in both browsers', async () => {
  const engine = await createEngine()
  const { digest } = engine.run(altered)
  const { page, shown, moment } = await opened(altered)
  await shown.passes(330)
  await moment.fill('310')
  await until(async () => (await stateOf(page, 'snapshot')).step === 310, 'step 310')
  const live = await shown.step()
  assert.ok(live > 310)
  assert.deepEqual(await stateOf(page, 'snapshot'), plain(snapshotOf(engine, altered, 310)))
  await page.getByText('As it was', { exact: true }).waitFor()
  await page.getByText('step 310 of 620').waitFor()
  await until(async () => (await page.locator('curve-plot path.moment').count()) >= 2, 'the marks')
  const then = await drawn(shown)
  await moment.fill('101') // between two recorded moments
  await until(async () => (await stateOf(page, 'snapshot')).step === 100, 'step 100')
  assert.notEqual(await drawn(shown), then)
  await shown.button('Back to now').click()
  assert.equal((await stateOf(page, 'snapshot')).step, await shown.step())
  await until(async () => (await page.locator('curve-plot path.moment').count()) === 0, 'now')
  await moment.fill('310')
  await until(async () => (await stateOf(page, 'snapshot')).step === 310, 'step 310 again')
  assert.equal(await drawn(shown), then)
  await shown.button('Play').click()
  assert.equal(await shown.finish(), digest)
  await close(page)
})

test('the keyboard goes from one recorded moment to the next', async () => {
  const { page, shown, moment } = await opened()
  await shown.finish()
  const at = (step) => until(async () => (await stateOf(page, 'snapshot')).step === step && (await stateOf(page, 'seeking')) === null, `step ${step}`)
  await moment.focus()
  for (const [key, step] of [['ArrowLeft', 600], ['Home', 0], ['ArrowRight', 20], ['PageUp', 220], ['End', 620], ['PageDown', 420]]) {
    await page.keyboard.press(key)
    await at(step)
  }
  await moment.fill('320')
  await at(320)
  for (const step of [310, 300]) {
    await page.keyboard.press('ArrowLeft')
    await at(step)
  }
  assert.equal(await moment.getAttribute('aria-valuetext'), 'step 300 of 620')
  await close(page)
})

/** The moments that are shown from now on, as [step, learners, playing]. */
const watchMoments = (page) => page.evaluate(() => {
  const { lab } = window.document.querySelector('palimpsest-app')
  window.moments = []
  lab.addEventListener('change', () => {
    const { snapshot: { step, learners }, playing } = lab.state
    window.moments.push([step, learners.length, playing])
  })
})
const moments = (page) => page.evaluate(() => window.moments)

test('Play at an earlier moment goes through what was recorded, and on from there, in both browsers', async () => {
  const { page, shown, moment } = await opened(document({ record: { every: 5 } }))
  await shown.passes(330)
  await shown.pause()
  const live = await shown.step()
  await moment.fill('200')
  await until(async () => (await stateOf(page, 'snapshot')).step === 200, 'step 200')
  await watchMoments(page)
  await shown.slow()
  await shown.button('Play').click()
  await until(async () => (await stateOf(page, 'snapshot')).step > 230, 'the recorded moments')
  await shown.button('Pause').click()
  const { step } = await stateOf(page, 'snapshot')
  assert.ok(step > 230 && step < live, String(step))
  assert.equal((await stateOf(page, 'live')).step, live) // nothing was trained meanwhile
  await shown.button('Play').click()
  await until(async () => (await stateOf(page, 'snapshot')).step > live, 'what is new')
  const steps = (await moments(page)).map(([step]) => step)
  assert.deepEqual(steps, steps.toSorted((a, b) => a - b))
  assert.ok(new Set(steps.filter((step) => step < live)).size > 10, String(steps))
  const digest = await shown.finish()
  assert.equal(digest, (await createEngine()).run(document({ record: { every: 5 } })).digest)
  // Of a run that has ended, to its end.
  await shown.speed.fill('4')
  await moment.fill('560')
  await until(async () => (await stateOf(page, 'snapshot')).step === 560, 'step 560')
  await watchMoments(page)
  await shown.button('Play').focus()
  await page.keyboard.press('Enter')
  await shown.button('Play again').waitFor()
  assert.ok((await moments(page)).every(([step]) => step >= 560))
  assert.equal(await shown.digest(), digest)
  await close(page)
})

test('going back moves nothing on the page, and a fork keeps the picture until it goes on from there, in both browsers', async () => {
  const { page, shown, moment } = await opened()
  await shown.finish()
  await shown.slow()
  const places = () => page.locator('.card, .curves figure, .results').evaluateAll((parts) => parts.map((part) => Math.round(part.getBoundingClientRect().top + scrollY)))
  const before = await places()
  await moment.fill('420')
  await until(async () => (await stateOf(page, 'snapshot')).step === 420, 'step 420')
  assert.deepEqual(await places(), before)
  await watchMoments(page)
  await shown.cards.nth(1).getByText('Fork at step 420').click()
  await shown.cards.nth(1).getByRole('spinbutton').fill('4000')
  await shown.cards.nth(1).getByRole('button', { name: 'Fork here' }).click()
  await shown.button('Play again').waitFor()
  const seen = await moments(page)
  const forked = seen.findIndex(([, learners]) => learners === 4)
  assert.ok(seen.slice(0, forked).every(([step, learners]) => step === 420 && learners === 3), JSON.stringify(seen))
  const after = seen.slice(forked).map(([step]) => step)
  assert.equal(after[0], 420)
  assert.ok(new Set(after).size > 10, String(after)) // seen to run
  await close(page)
})

test('what is looked for is shown at once: its step and its curves; no present is said to be it', async () => {
  const { page, shown } = await opened()
  await shown.finish()
  const [step, caption, lines] = await page.evaluate(async () => { // before an engine can have answered
    const app = window.document.querySelector('palimpsest-app')
    app.lab.rewind(420)
    await app.updateComplete
    const plots = [...app.querySelectorAll('.curves curve-plot')]
    const texts = ['.count', '.milestone'].map((part) => app.querySelector(part).innerText)
    return [...texts, plots.map(({ snapshot, live }) => [snapshot.learners[0].curves.step.at(-1), live.snapshot.step])]
  })
  assert.match(step, /step 420 of 620/)
  assert.doesNotMatch(caption, /ends at/)
  assert.deepEqual(lines, [[420, 620], [420, 620]])
  await close(page)
})

test('a fork needs its value, and its card keeps the focus, in both browsers', async () => {
  const { page, shown, moment } = await opened()
  await shown.finish()
  await moment.fill('420')
  const card = shown.cards.nth(1)
  await card.getByText('Fork at step 420').click()
  const value = card.getByRole('spinbutton')
  await value.fill('')
  await value.press('Enter')
  assert.equal(await value.evaluate((input) => input.validity.valueMissing), true)
  assert.equal(await shown.cards.count(), 3)
  await value.fill('4000')
  await value.press('Enter')
  await until(async () => (await shown.cards.count()) === 4, 'the fork')
  assert.equal(await page.evaluate(() => [...window.document.querySelectorAll('.card')].indexOf(window.document.activeElement.closest('.card'))), 1)
  await close(page)
})

test('a method is added to the run where it stands', async () => {
  const { page, shown } = await opened()
  await shown.passes(100)
  await watchMoments(page)
  const { step: from } = await stateOf(page, 'live')
  await page.getByRole('combobox', { name: 'Add a method' }).selectOption('si')
  await shown.button('Add').click()
  await until(async () => (await shown.cards.count()) === 4, 'the method')
  assert.ok((await moments(page)).every(([step]) => step >= from), String(await moments(page)))
  const run = document({ methods: [...document().methods, { kind: 'si' }] })
  assert.equal(await shown.finish(), (await createEngine()).run(run).digest)
  await close(page)
})

test('a fork draws both futures, to another strength and to another method; the link replays it, in both browsers', async () => {
  const { page, shown, moment } = await opened()
  await shown.finish()
  await moment.fill('420')
  const fork = async (card, choice, value) => {
    await until(async () => (await stateOf(page, 'snapshot')).step === 420, 'step 420')
    await shown.cards.nth(card).getByText('Fork at step 420').click()
    if (choice) await shown.cards.nth(card).getByRole('combobox').selectOption({ label: choice })
    await shown.cards.nth(card).getByRole('spinbutton').fill(value)
    await shown.cards.nth(card).getByRole('button', { name: 'Fork here' }).click()
  }
  await fork(1, '', '4000')
  await until(async () => (await shown.cards.count()) === 4 && (await shown.step()) === 620, 'the fork')
  await moment.fill('420')
  await fork(0, 'Synaptic Intelligence, c', '50')
  await until(async () => (await shown.cards.count()) === 5 && (await shown.step()) === 620, 'the other fork')
  const { learners } = await stateOf(page, 'live')
  for (const [from, to] of [[1, 3], [0, 4]]) {
    const [old, copy] = [learners[from].curves, learners[to].curves]
    const then = old.step.indexOf(420) + 1
    assert.deepEqual(copy.loss.map((loss) => loss.slice(0, then)), old.loss.map((loss) => loss.slice(0, then)))
    assert.notDeepEqual(copy.loss.map((loss) => loss.slice(then)), old.loss.map((loss) => loss.slice(then)))
  }
  assert.match(await shown.cards.nth(3).innerText(), /EWC.*λ = 10 → 4\u202f000 from step 420/s)
  const tags = async () => (await page.locator('.curves figure').first().locator('text.tag').allTextContents()).sort()
  await until(async () => (await tags()).length === 5, 'the labels')
  const [own, forked] = await tags()
  assert.equal(own, 'EWC')
  assert.match(forked, /^EWC, λ → 4\u202f000$/)
  const digest = await shown.digest()
  const link = new URL(await shown.link()).hash
  await page.keyboard.press('Control+z')
  await until(async () => (await shown.cards.count()) === 4, 'the fork to be undone')
  await accessible(page)
  await close(page)
  const again = await browser.open(link)
  const other = new Shown(again)
  await other.started()
  assert.equal(await other.finish(), digest)
  await close(again)
})

test('until the first task ends a fork is its method alone; after that it goes on from the other', async () => {
  const engine = await createEngine()
  const { page, shown, moment } = await opened()
  await shown.finish()
  await moment.fill('310')
  await until(async () => (await stateOf(page, 'snapshot')).step === 310, 'step 310')
  const card = shown.cards.nth(1)
  const choice = card.getByRole('combobox')
  const value = card.getByRole('spinbutton')
  await card.getByText('Fork at step 310').click()
  assert.equal(await value.inputValue(), '1') // a tenth of its own
  await choice.selectOption({ label: 'L2 to the old weights, λ' })
  assert.equal(await value.inputValue(), '0.01') // that method's default
  await choice.selectOption({ label: 'GEM' })
  await until(() => value.isHidden(), 'no value')
  await choice.selectOption({ label: 'L2 to the old weights, λ' })
  await accessible(page)
  await value.fill('3')
  await card.getByRole('button', { name: 'Fork here' }).click()
  await until(async () => (await shown.cards.count()) === 4 && (await shown.step()) === 620, 'the fork')
  const { learners } = await stateOf(page, 'live')
  const [l2] = engine.run(document({ methods: [{ kind: 'l2', lambda: 3 }] })).learners
  assert.deepEqual(learners[3].curves.loss, plain(l2.curves.loss))
  assert.match(await shown.cards.nth(3).innerText(), /L2 to the old weights.*after EWC \(step 310\)/s)
  await moment.fill('420')
  await until(async () => (await stateOf(page, 'snapshot')).step === 420, 'step 420')
  await card.getByText('Fork at step 420').click()
  await choice.selectOption({ label: 'GEM' })
  await card.getByRole('button', { name: 'Fork here' }).click()
  await until(async () => (await shown.cards.count()) === 5 && (await shown.step()) === 620, 'the other fork')
  const run = document({ methods: [{ kind: 'gem', before: [{ kind: 'ewc', lambda: 10, until: 420 }] }] })
  assert.deepEqual((await stateOf(page, 'live')).learners[4].curves.loss, plain(engine.run(run).learners[0].curves.loss))
  const digest = await shown.digest()
  const again = await browser.open(new URL(await shown.link()).hash)
  const other = new Shown(again)
  await other.started()
  assert.equal(await other.finish(), digest)
  await close(again)
  await close(page)
})

/** The choices of a fork that are not seen in full once they are chosen. Runs in the page. */
function cutChoices() {
  const context = window.document.createElement('canvas').getContext('2d')
  const isCut = (select) => {
    const text = select.selectedOptions[0].text
    const wrapped = select.parentElement // under the select, where that is transparent
    if (getComputedStyle(select).opacity === '0') {
      return wrapped.scrollWidth > wrapped.clientWidth || getComputedStyle(wrapped, '::before').content !== JSON.stringify(text)
    }
    context.font = getComputedStyle(select).font
    return context.measureText(text).width > select.clientWidth - 32 // its padding and its arrow
  }
  return [...window.document.querySelectorAll('.fork select')].flatMap((select) => [...select.options].flatMap((option) => {
    select.value = option.value
    select.dispatchEvent(new Event('change'))
    return isCut(select) ? option.text : []
  }))
}

test('an earlier moment fits 360 pixels and axe finds nothing, light or dark', async () => {
  const { page, shown, moment } = await opened(document(), { viewport: { width: 360, height: 740 } })
  await shown.finish()
  await moment.fill('420')
  await shown.button('Back to now').waitFor()
  for (const card of await shown.cards.all()) await card.getByText('Fork at step 420').click()
  const [content, width] = await page.evaluate(() => [window.document.documentElement.scrollWidth, innerWidth])
  assert.ok(content <= width, `${content} in ${width}`)
  assert.deepEqual(await page.evaluate(cutChoices), [])
  await accessibleInBoth(page)
  await close(page)
})
