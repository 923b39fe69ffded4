// The reader's own tasks: formulas and tables as text, and the editor in Chromium.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEngine } from '../../dist/engine.js'
import { tasksFromText } from '../src/csv.js'
import { formulaOf } from '../src/formula.js'
import { fromFragment } from '../src/link.js'
import { mostPoints, sectionOf, tasksOf } from '../src/own.js'
import { accessible, accessibleInBoth, Browser, close, finger, fragmentOf, placeOf, Shown, small, until } from './browser.mjs'


// Formulas

const values = { // at x = 2
  'sin(3x)': Math.sin(6), '-x^2': -4, '(-x)^2': 4, '2^-x': 0.25, '2^3^x': 512, '2(x+1)': 6, '(x+1)(x-1)': 3, 'x sin(x)': 2 * Math.sin(2),
  'x^2(x+1)': 12, '1/2x': 1, 'exp(-x²)': Math.exp(-4), '2π x': 4 * Math.PI, 'pi': Math.PI, '2e^x': 2 * Math.exp(2), '1e-1x': 0.2,
  'max(x, 1, 7) − min(x, 0)': 7, '3 × x · 2': 12, 'x**3 - -1': 9, '.5x': 1, 'SIN(X)^2 + cos(x)^2': 1, '+x': 2, '8/4/x': 1, '5-3-x': 0,
}
for (const [text, value] of Object.entries(values)) {
  test(`a formula: ${text}`, () => assert.ok(Math.abs(formulaOf(text)(2) - value) < 1e-12, String(formulaOf(text)(2))))
}

const refusals = {
  '': /empty/, 'y': /“y” is unknown; there are x, pi/, 'sin': /sin\(3x\)/, 'sin()': /expression in x/, 'sin(1, 2)': /number of arguments/, 'alert(1)': /“alert”/,
  'constructor': /“constructor”/, '__proto__': /“__proto__”/, 'tostring(x)': /“tostring”/, 'x.constructor': /cannot be read/,
  'x["constructor"]': /cannot be read/, 'x = 3': /cannot be read/, '() => 1': /cannot be read/, '`${x}`': /cannot be read/,
  'x; x': /cannot be read/, '1, 2': /one expression/, '(x': /cannot be read/, 'x)': /cannot be read/, 'x +': /cannot be read|one expression/,
  ['('.repeat(201)]: /longer than 200/, 'this': /“this”/, 'import(x)': /“import”/,
}
for (const [text, fault] of Object.entries(refusals)) {
  test(`no formula: ${text.slice(0, 30)}`, () => assert.throws(() => formulaOf(text), fault))
}

// Tables

test('a table is read: separators, names, order of columns, blank lines, a byte order mark', () => {
  const tasks = [{ name: 'A', points: [[0.1, 1], [0.2, -1]], test: null }, { name: 'B', points: [[3, 4]], test: null }]
  for (const text of ['A,0.1,1\nA,0.2,-1\nB,3,4', '\uFEFFtask,x,y\r\nA,0.1,1\r\nA,0.2,-1\r\n\r\nB,3,4\r\n', 'y\tTask\tx\n1\tA\t0.1\n-1\tA\t0.2\n4\tB\t3',
    'task; x; y\n"A"; 0.1; 1\nB;3;4\nA;2e-1;-1']) {
    assert.deepEqual(tasksFromText(text, 'line'), { named: true, tasks })
  }
  assert.deepEqual(tasksFromText('x,y\n1,2', 'line'), { named: false, tasks: [{ name: '', points: [[1, 2]], test: null }] })
  assert.deepEqual(tasksFromText('x;y\n1,5;-,25\n2;3,0e1', 'line').tasks[0].points, [[1.5, -0.25], [2, 30]])
  assert.deepEqual(tasksFromText('1,5\t2', 'line').tasks[0].points, [[1.5, 2]])
  assert.deepEqual(tasksFromText('1,2,0\n3,4,1', 'plane').tasks[0].points, [[1, 2, 0], [3, 4, 1]])
})

const broken = {
  '': /empty/, '\n\n': /empty/, 'x,y': /empty/, '1,2\n3,abc': /Line 2: y is “abc”; it must be a number/, '1,2\n3': /Line 2: y is “”/,
  '1,2\n\n3,NaN': /Line 3: y is “NaN”/, '1': /Line 1: there is 1 column;.*2 \(x, y\)/, '1,2,3,4': /Line 1: there are 4 columns/,
  'task,x\nA,1': /Line 1: there is no column y/, 'A,1,2\n,3,4': /Line 2: the task has no name/, '1,2\n<img src=x>,3': /Line 2: x is “<img src=x>”/,
  ['1,2\n'.repeat(mostPoints + 1)]: /Line 2001: .*more than 2000 points/, [Array.from({ length: 21 }, (_, at) => `T${at},1,2`).join('\n')]: /Line 21: .*more than 20 tasks/,
  ['1'.repeat(1_000_001)]: /larger than 1000000/,
}
for (const [text, fault] of Object.entries(broken)) {
  test(`a broken table: ${JSON.stringify(text.slice(0, 24))}`, () => assert.throws(() => tasksFromText(text, 'line'), fault))
}
test('a broken table of classes', () => {
  assert.throws(() => tasksFromText('0,0,1\n0,0,1.5', 'plane'), /Line 2: class is “1\.5”; it must be a whole number from 0 to 9/)
})

test('tasks that are taken over are the same data to the engine', async () => {
  const engine = await createEngine()
  for (const [kind, picture] of [['sines', 'line'], ['bumps', 'line'], ['moons', 'plane']]) {
    const document = small({ tasks: { kind, points: 25 } })
    const describe = (document) => {
      const session = engine.open(document)
      const { tasks } = session.describe()
      session.close()
      return tasks.map(({ name, train, test }) => ({ name, train, test }))
    }
    const session = engine.open(document)
    const section = sectionOf(tasksOf(session.describe()), picture)
    session.close()
    assert.deepEqual(describe({ ...document, tasks: section }), describe(document))
  }
})

// The stand-in for d3-format

test('ticks are written as d3-format writes them', async () => {
  const [theirs, ours] = await Promise.all([import('d3-format'), import('../src/plots/tick-format.js')])
  for (const step of [5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 1e-6]) {
    assert.equal(ours.precisionFixed(step), theirs.precisionFixed(step))
    const specifier = theirs.formatSpecifier(',f')
    specifier.precision = theirs.precisionFixed(step)
    const write = ours.format({ ...ours.formatSpecifier(), precision: ours.precisionFixed(step) })
    for (let at = -7; at <= 7; at++) assert.equal(write(at * step), theirs.format(specifier)(at * step))
    assert.equal(write(-step / 1e9), theirs.format(specifier)(-step / 1e9))
  }
  for (const none of [0, NaN]) assert.deepEqual(ours.precisionFixed(none), theirs.precisionFixed(none))
  assert.equal(ours.format(ours.formatSpecifier())(0.5), theirs.format(',f')(0.5))
})

// The editor

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

async function editing(document = small(), options) {
  const page = await browser.open(fragmentOf(document), options)
  const shown = new Shown(page)
  await shown.started()
  await shown.button('Draw your own tasks').click()
  const plot = page.getByRole('application', { name: /^Drawing of task/ })
  await plot.waitFor()
  return { page, shown, plot }
}

const experimentOf = (page) => fromFragment(new URL(page.url()).hash, () => undefined)

/** The tasks in the link, once they are as wanted. */
const linked = (page, wanted, what) => until(async () => {
  const { tasks } = await experimentOf(page)
  return tasks.kind === 'explicit' && wanted(tasks.tasks) && tasks.tasks
}, what)

const pointsOf = ({ train }) => train.inputs.map(([x], at) => [x, train.targets[at][0]])
const group = (page) => page.getByRole('group', { name: /^Tasks, in the order/ })

/** Along a line of the plot, in shares of its paper. */
async function drag(page, plot, from, to) {
  await plot.scrollIntoViewIfNeeded()
  await until(() => page.locator('draw-plot').evaluate((drawing) => !drawing.isUpdatePending), 'the plot to be drawn')
  const box = await placeOf(plot.locator('.paper'))
  const at = ([x, y]) => [box.x + x * box.width, box.y + y * box.height]
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 20 })
  await page.mouse.up()
}

test('the mouse draws points along its way, and erases them; the link has them, in both browsers', async () => {
  const { page, shown, plot } = await editing()
  await shown.button('Remove its points').click()
  await drag(page, plot, [0.1, 0.9], [0.4, 0.1])
  const [{ train, test: tested }] = await linked(page, (tasks) => tasks.length === 2, 'the drawn task')
  assert.equal(tested, undefined)
  assert.ok(train.inputs.length > 10, String(train.inputs.length))
  for (const [at, [x]] of train.inputs.entries()) {
    if (at) assert.ok(x > train.inputs[at - 1][0] && train.targets[at][0] > train.targets[at - 1][0])
  }
  await shown.button('Erase').click()
  await drag(page, plot, [0.05, 1], [0.25, 0.5])
  const [left] = await linked(page, ([first]) => first.train.inputs.length < train.inputs.length, 'the erasing')
  assert.ok(left.train.inputs.length > 3 && left.train.inputs.length < train.inputs.length)
  assert.deepEqual(left.train.inputs, train.inputs.slice(-left.train.inputs.length))
  assert.equal(await page.getByRole('region', { name: 'Your own tasks' }).count(), 1)
  const digest = await shown.finish()
  const link = new URL(await shown.link()).hash
  await close(page)
  const again = await browser.open(link)
  const other = new Shown(again)
  await other.started()
  assert.equal(await other.finish(), digest)
  await close(again)
})

test('a finger draws, and the page stays where it is; beside the plot it moves the page, in both browsers', async () => {
  const { page, shown, plot } = await editing(small(), { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true })
  await shown.button('Remove its points').click()
  await plot.scrollIntoViewIfNeeded()
  const box = await placeOf(plot.locator('.paper'))
  const scrolled = await page.evaluate(() => scrollY)
  assert.ok(scrolled > 150, String(scrolled)) // which is more than the finger's way
  await finger(page, Array.from({ length: 13 }, (_, at) => [box.x + 40 + 12 * at, box.y + 20 + 11 * at]))
  const [{ train }] = await linked(page, (tasks) => tasks.length === 2, 'the drawn task')
  assert.ok(train.inputs.length > 8, String(train.inputs.length))
  assert.equal(await page.evaluate(() => scrollY), scrolled)
  await finger(page, Array.from({ length: 13 }, (_, at) => [180, box.y + box.height + 60 + 11 * at]))
  await until(async () => (await page.evaluate(() => scrollY)) < scrolled, 'the page to move')
  await close(page)
})

test('the keyboard places and removes points, in both browsers', async () => {
  const { page, shown, plot } = await editing()
  await shown.button('Remove its points').click()
  await plot.focus()
  await page.keyboard.press('Enter')
  for (const key of ['ArrowRight', 'Shift+ArrowUp', 'Space']) await page.keyboard.press(key)
  const [task] = await linked(page, ([first]) => first.train.inputs.length === 2, 'two points')
  const [[x, y], [toX, toY]] = pointsOf(task)
  assert.ok(toX > x && toY > y, `${x} ${y} ${toX} ${toY}`)
  await page.getByText(/^Point at .* placed; 2 points\.$/).waitFor({ state: 'attached' })
  await page.keyboard.press('Enter')
  await linked(page, ([first]) => first.train.inputs.length === 1, 'one point')
  await page.keyboard.press('Shift+ArrowLeft')
  await page.keyboard.press('Delete') // nothing is there
  await page.getByText(/^x .*, y .*$/).waitFor({ state: 'attached' })
  assert.equal(pointsOf((await experimentOf(page)).tasks.tasks[0]).length, 1)
  await close(page)
})

test('what made way for the editor comes back to its place when it is closed', async () => {
  const { page, shown } = await editing(small(), { viewport: { width: 1400, height: 1000 } })
  const widths = () => page.evaluate(() => [document.querySelector('.curves').clientWidth, document.querySelector('curve-plot svg').width.baseVal.value])
  const [wide] = await widths()
  await shown.button('Close').click()
  await until(async () => {
    const [column, plot] = await widths()
    return column < wide && plot <= column && plot > 0.9 * column
  }, 'the curves in their column')
  await close(page)
})

test('tasks are added, named, moved, duplicated and deleted', async () => {
  const { page, shown, plot } = await editing()
  const names = () => group(page).getByRole('button').allInnerTexts()
  await shown.button('Add a task').click()
  assert.deepEqual((await names()).map((text) => text.replace(/\s+/g, ' ')), ['A 30', 'B 30', 'C 0', 'Add a task'])
  await page.getByText('Task C has no points and is left out').waitFor()
  await drag(page, plot, [0.2, 0.2], [0.6, 0.2])
  await linked(page, (tasks) => tasks.length === 3, 'task C')
  await page.getByRole('textbox', { name: 'Name' }).fill('late')
  await page.getByRole('textbox', { name: 'Name' }).press('Enter')
  await shown.button('Earlier').click()
  await linked(page, (tasks) => tasks.map(({ name }) => name).join() === 'A,late,B', 'the order')
  await shown.button('Duplicate').click()
  const tasks = await linked(page, (tasks) => tasks.length === 4, 'the copy')
  assert.deepEqual(tasks.map(({ name }) => name), ['A', 'late', 'C', 'B'])
  assert.deepEqual(tasks[1].train, tasks[2].train)
  await shown.button('Delete').click()
  await linked(page, (tasks) => tasks.map(({ name }) => name).join() === 'A,late,B', 'the copy to go')
  await until(async () => (await page.locator('.timeline-names').innerText()).includes('late'), 'the name in the timeline')
  await close(page)
})

test('whatever the order of the tasks, each is named over its inputs', async () => {
  const { page, shown } = await editing()
  await shown.button('Later').click()
  await linked(page, (tasks) => tasks.map(({ name }) => name).join() === 'B,A', 'the order')
  const named = () => shown.cards.first().locator('.range-name').allTextContents()
  await until(async () => (await named()).join() === 'B,A', 'both names')
  await close(page)
})

test('a formula fills a task, and says what is wrong with it', async () => {
  const { page, shown } = await editing()
  const formula = page.getByRole('textbox', { name: 'y =' })
  const fill = async (values) => {
    for (const [name, value] of Object.entries(values)) await page.getByRole('spinbutton', { name, exact: true }).fill(String(value))
    await shown.button('Fill task A').click()
  }
  await formula.fill('2x + 1')
  await fill({ from: -1, to: 3, points: 5, noise: 0 })
  const [task] = await linked(page, ([first]) => first.train.inputs.length === 5, 'five points')
  assert.deepEqual(pointsOf(task), [[-1, -1], [0, 1], [1, 3], [2, 5], [3, 7]])
  await fill({ noise: 0.1, points: 400 })
  const [noisy] = await linked(page, ([first]) => first.train.inputs.length === 400, 'the noise')
  const errors = pointsOf(noisy).map(([x, y]) => y - 2 * x - 1)
  const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / 400)
  assert.ok(deviation > 0.08 && deviation < 0.12, String(deviation))
  const wrong = async (fault, field = 'formula') => {
    await until(async () => fault.test(await page.getByRole('alert').allInnerTexts()), String(fault))
    assert.deepEqual(await page.locator('[aria-invalid]').evaluateAll((inputs) => inputs.map(({ name }) => name)), [field])
  }
  await formula.fill('fetch(x)')
  await shown.button('Fill task A').click()
  await wrong(/“fetch” is unknown/)
  await formula.fill('1/x')
  await fill({ from: -1, to: 1, points: 3 })
  await wrong(/At x = 0 the formula gives Infinity/)
  await fill({ from: 1, to: 1 })
  await wrong(/from 1 to 1; its end must be above/, 'to')
  await fill({ to: 2, points: 3000 })
  await wrong(/3000; it must be a whole number from 2 to 2000/, 'count')
  await fill({ points: 3, noise: -1 })
  await wrong(/noise is -1; it must be 0 or more/, 'noise')
  assert.equal((await experimentOf(page)).tasks.tasks[0].train.inputs.length, 400)
  await close(page)
})

test('a formula’s interval is where its task is, else beside the others; shared inputs are pointed out, and allowed', async () => {
  const { page, shown } = await editing()
  const interval = async () => Promise.all(['from', 'to'].map(async (name) => Number(await page.getByRole('spinbutton', { name, exact: true }).inputValue())))
  const warning = page.getByText(/both have inputs from/)
  const spanOf = ([first]) => first.train.inputs.map(([x]) => x).sort((a, b) => a - b)
  await shown.button('functions').click()
  await page.getByText('The training begins once two tasks have points.').waitFor()
  await shown.button('Play').waitFor() // it rests
  await shown.button('New seed').click() // what is begun outlasts other changes
  await page.getByText(/seed 6/).waitFor()
  await page.getByText('The training begins once two tasks have points.').waitFor()
  assert.match((await group(page).getByRole('button').allInnerTexts()).join(), /^A\s*0,B\s*0,/)
  const before = await shown.link()
  assert.deepEqual(await interval(), [-1, 1])
  await page.getByRole('textbox', { name: 'y =' }).fill('sin(3x)')
  await shown.button('Fill task A').click()
  await group(page).getByRole('button', { name: /^A\s*40/ }).waitFor()
  assert.equal(await shown.link(), before) // one task is no experiment
  await group(page).getByRole('button', { name: /^B/ }).click()
  const [from, to] = await interval()
  assert.ok(from > 1 && to > from, `${from} to ${to}`)
  await shown.button('Fill task B').click()
  const xs = spanOf(await linked(page, (tasks) => tasks.length === 2 && tasks[1].train.inputs.length === 40, 'task B'))
  assert.deepEqual([xs[0], xs.at(-1)], [-1, 1])
  await shown.button('Pause').waitFor() // it has begun
  assert.equal(await warning.count(), 0)
  await page.getByRole('spinbutton', { name: 'from', exact: true }).fill('0.5')
  await shown.button('Fill task B').click()
  await warning.waitFor()
  assert.match(await warning.innerText(), /^Tasks B and A both have inputs from 0\.50 to 1\.0\. Where their answers differ/)
  await linked(page, (tasks) => spanOf([tasks[1]])[0] === 0.5, 'the interval all the same')
  await group(page).getByRole('button', { name: /^A\s*40/ }).click()
  assert.deepEqual(await interval(), [-1, 1])
  await until(async () => /^Tasks A and B/.test(await warning.innerText()), 'the same from the other side')
  await accessible(page)
  await close(page)
})

test('on a laptop the networks stay beside what is drawn', async () => {
  const { page, shown, plot } = await editing(small(), { viewport: { width: 1366, height: 768 } })
  await shown.pause()
  const boxes = await Promise.all([plot, ...await shown.cards.locator('svg[role=img]').all()].map((each) => each.boundingBox()))
  for (const { x, y, width, height } of boxes) {
    assert.ok(x >= 0 && x + width <= 1366 && y >= 0 && y + height <= 768, `${x} ${y} ${width} ${height}`)
  }
  await page.setViewportSize({ width: 360, height: 740 })
  await until(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'it to fit')
  await until(async () => (await plot.boundingBox()).width <= 340, 'the plot to fit')
  await close(page)
})

test('a table is pasted, dropped and chosen as a file; what is wrong names its line, in both browsers', async () => {
  const { page, shown } = await editing()
  await page.getByText('Table (CSV)', { exact: true }).click()
  const text = page.getByRole('textbox', { name: 'Table (CSV)' })
  await text.fill('1,2\n3,four')
  await shown.button('Read the table').click()
  await page.getByRole('alert').getByText('Line 2: y is “four”; it must be a number, such as 0.5.').waitFor()
  await text.fill('x,y\n0,1\n0.5,2')
  await shown.button('Read the table').click()
  const [first, second] = await linked(page, ([{ train }]) => train.inputs.length === 2, 'the points of A')
  assert.deepEqual(pointsOf(first), [[0, 1], [0.5, 2]])
  assert.equal(second.train.inputs.length, 30)
  assert.equal(await page.getByRole('alert').count(), 0)
  await page.getByLabel('or a file').setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('task,x,y\none,0,0\ntwo,1,1\nthree,2,2') })
  await linked(page, (tasks) => tasks.map(({ name }) => name).join() === 'one,two,three', 'the file')
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.items.add(new File(['p,0,0\nq,1,1'], 'b.csv'))
    document.querySelector('.own-tasks').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }))
  })
  await linked(page, (tasks) => tasks.map(({ name }) => name).join() === 'p,q', 'what was dropped')
  await close(page)
})

test('classes in the plane are drawn too, in both browsers', async () => {
  const { page, shown, plot } = await editing(small({ tasks: { kind: 'moons', tasks: 2, points: 20 } }))
  await shown.button('classes in the plane').click()
  await drag(page, plot, [0.2, 0.2], [0.8, 0.2])
  await shown.button('Draw class 1').click()
  await drag(page, plot, [0.2, 0.8], [0.8, 0.8])
  await group(page).getByRole('button', { name: /^B/ }).click()
  await drag(page, plot, [0.2, 0.5], [0.8, 0.5])
  const [task] = await linked(page, (tasks) => tasks.length === 2 && new Set(tasks[0].train.labels).size === 2, 'two classes')
  for (const [at, [, y]] of task.train.inputs.entries()) assert.equal(task.train.labels[at], y > 0 ? 0 : 1)
  await until(async () => (await page.locator('plane-plot').count()) === 2, 'the regions')
  await close(page)
})

test('all tasks are drawn on one pair of axes, with room for each and no more, in both browsers', async () => {
  const { page, shown } = await editing()
  const axes = () => page.locator('draw-plot .axis').evaluateAll((all) => all.map((axis) => [...axis.querySelectorAll('.tick text')].map((text) => text.textContent).join(' ')).join(' | '))
  const choose = (name) => group(page).getByRole('button', { name: new RegExp(`^${name}\\b`) }).click()
  const first = await until(axes, 'the axes')
  await choose('B')
  await until(async () => (await page.getByRole('application').getAttribute('aria-label')).includes('task B'), 'task B')
  assert.equal(await axes(), first)
  await shown.button('Add a task').click()
  await page.getByRole('textbox', { name: 'y =' }).fill('9x')
  await page.getByRole('spinbutton', { name: 'from' }).fill('4')
  await page.getByRole('spinbutton', { name: 'to' }).fill('5')
  await shown.button('Fill task C').click()
  const wider = await until(async () => (await axes()) !== first && axes(), 'room for task C')
  assert.match(wider, /4/)
  for (const name of ['A', 'B', 'C']) {
    await choose(name)
    await until(async () => (await page.getByRole('application').getAttribute('aria-label')).includes(`task ${name}`), `task ${name}`)
    assert.equal(await axes(), wider)
  }
  await shown.button('Delete').click()
  await until(async () => (await axes()) === first, 'the axes as before')
  await close(page)
})

test('a closed editor stops no training of what cannot be drawn', async () => {
  const { page, shown } = await editing()
  await shown.button('Close').click()
  await shown.button('Permuted digits').click()
  await until(async () => (await page.locator('digit-image').count()) > 0, 'the digits')
  await shown.passes((await shown.step()) + 20)
  await close(page)
})

test('the editor follows an undo, so that what is edited next is what is seen', async () => {
  const { page, shown } = await editing()
  await page.getByRole('textbox', { name: 'y =' }).fill('2x^2-1')
  await shown.button('Fill task A').click()
  const own = await linked(page, ([{ train }]) => train.inputs.length === 30 && train.targets[0][0] > 5, 'the parabola')
  await shown.button('GEM').click()
  await until(async () => (await experimentOf(page)).tasks.kind === 'sines', 'the chapter')
  await shown.button('Undo').click()
  await linked(page, ([{ train }]) => train.targets[0][0] === own[0].train.targets[0][0], 'the parabola again')
  await shown.button('Later').click()
  await linked(page, ([, { train }]) => train.targets[0][0] === own[0].train.targets[0][0], 'the parabola as the second task')
  await close(page)
})

test('what has been drawn stays while the editor is closed', async () => {
  const { page, shown, plot } = await editing()
  await shown.button('functions').click() // begins anew
  await drag(page, plot, [0.1, 0.5], [0.4, 0.5])
  const drawn = () => group(page).getByRole('button').allInnerTexts()
  await until(async () => /^A\s+[1-9]/.test((await drawn())[0]), 'points')
  const before = await drawn()
  const formula = page.getByRole('textbox', { name: 'y =' })
  await formula.fill('x^2')
  await shown.button('Close').click()
  assert.equal(await page.getByRole('application').count(), 0)
  await shown.button('Draw your own tasks').click()
  await plot.waitFor()
  assert.deepEqual(await drawn(), before)
  assert.equal(await formula.inputValue(), 'x^2')
  await until(() => page.evaluate(() => document.activeElement.id === 'own-title'), 'the focus')
  await close(page)
})

test('who begins again can go back to the tasks before', async () => {
  const { page, shown, plot } = await editing()
  const drawn = () => group(page).getByRole('button').allInnerTexts()
  const [before, link] = [await drawn(), await shown.link()]
  assert.equal(await shown.button('Back to the tasks before').count(), 0)
  await shown.button('functions').click()
  await shown.button('classes in the plane').click()
  await plot.waitFor()
  await shown.button('Back to the tasks before').click()
  await until(async () => JSON.stringify(await drawn()) === JSON.stringify(before), 'the tasks')
  assert.equal(await shown.button('Back to the tasks before').count(), 0)
  assert.equal(await shown.link(), link)
  await close(page)
})

test('another experiment takes the place of what is drawn', async () => {
  const { page, shown } = await editing()
  await shown.button('Remove its points').click()
  await shown.button('Forgetting').click()
  await until(async () => /^A\s+\d{2}/.test((await group(page).getByRole('button').allInnerTexts())[0]), 'the chapter’s tasks')
  await shown.button('Close').click()
  assert.equal(await page.getByRole('application').count(), 0)
  await close(page)
})

test('the editor fits 360 pixels and axe finds nothing, light or dark', async () => {
  const { page, shown } = await editing(small(), { viewport: { width: 360, height: 740 } })
  await shown.button('Add a task').click()
  await page.getByText('Table (CSV)', { exact: true }).click()
  await shown.button('Read the table').click()
  await page.getByRole('alert').waitFor()
  const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth])
  assert.ok(content <= width, `${content} in ${width}`)
  await accessibleInBoth(page)
  await close(page)
})
