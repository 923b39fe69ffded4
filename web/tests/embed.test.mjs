// The page as a figure in other people's pages.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parts } from '../src/embed/parts.js'
import { accessible, Browser, close, dist, fragmentOf, isFirefox, Shown, shownIn, textsOf, until } from './browser.mjs'

const experiment = {
  version: 1,
  seed: 5,
  tasks: { kind: 'sines', points: 30 },
  network: { hidden: [12] },
  training: { steps_per_task: 1500, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem' }],
}
const link = fragmentOf(experiment)
const picture = 'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" width="90" height="60"/%3E'


test('EMBED.md names every chapter and every part', () => {
  const told = readFileSync(new URL('../EMBED.md', import.meta.url), 'utf8')
  for (const name of [...readdirSync(new URL('../presets/', import.meta.url)).map((file) => file.replace('.json', '')), ...Object.keys(parts)]) assert.ok(told.includes(`\`${name}\``), name)
})

let browser
let blog // another site: what it is asked for, it serves, under its policy
let html = ''
let policy = null
before(async () => {
  browser = await Browser.start()
  blog = createServer((request, response) => {
    if (policy) response.setHeader('Content-Security-Policy', policy)
    const file = /^\/(palimpsest\.html|embed\.js|picture\.svg)(?:\?.*)?$/.exec(request.url)?.[1]
    response.setHeader('Content-Type', file?.endsWith('js') ? 'text/javascript' : file?.endsWith('svg') ? 'image/svg+xml' : 'text/html; charset=utf-8')
    if (file === 'picture.svg') return response.end('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><text y="20">a picture</text></svg>')
    if (file === 'palimpsest.html') response.removeHeader('Content-Security-Policy')
    response.end(file ? readFileSync(`${dist}${file}`) : html)
  })
  await new Promise((done) => blog.listen(0, '127.0.0.1', done))
})
after(() => {
  blog?.close()
  return browser?.stop()
})

async function visit(body, options = {}) {
  html = `<!doctype html><html lang="en"><title>A blog</title><body>${body}`
  policy = options.policy ?? null
  const page = await browser.blank(options)
  page.messages = []
  page.workersSeen = 0
  page.on('worker', () => page.workersSeen++)
  const host = `http://127.0.0.1:${blog.address().port}/`
  await page.addInitScript(() => {
    window.heard = []
    addEventListener('message', ({ data, source }) => window.heard.push({ ...data, own: source === window }))
  })
  await page.goto(host)
  page.blogFaults = () => page.faults.filter((fault) => !fault.includes(host) && !fault.includes(browser.origin) && !/Permissions policy|favicon/.test(fault))
  return page
}

async function leave(page, isClosed = true) {
  const faults = page.blogFaults()
  const violations = await page.evaluate(() => window.violations)
  if (isClosed) await page.context().close()
  assert.deepEqual([...faults, ...violations], [])
}

const script = () => `<script src="${browser.origin}/embed.js" defer></script>`
const far = '<div class="far">Far<br></div><script>document.querySelectorAll(".far").forEach((e) => (e.style.height = "4000px"))</script>'
const figureFrame = (page) => page.frameLocator('palimpsest-figure iframe')
const stepOf = async (page) => new Shown(figureFrame(page)).step()
const goesOn = async (page) => new Shown(figureFrame(page)).passes(await stepOf(page))
const rests = async (page) => {
  const from = await stepOf(page)
  await sleep(500)
  return (await stepOf(page)) === from
}

test('in a plain blog: it waits below the fold, starts when it comes near, pauses when it has gone, in both browsers', async () => {
  const page = await visit(`${script()}${far}<palimpsest-figure experiment="${link}"><img src='${picture}' alt="the run"></palimpsest-figure>${far}`)
  await sleep(600)
  assert.equal(page.frames().length, 1)
  assert.equal(page.workersSeen, 0)
  assert.ok(await page.getByRole('img', { name: 'the run' }).isVisible())
  await page.evaluate(() => document.querySelector('palimpsest-figure').scrollIntoView())
  const shown = new Shown(figureFrame(page))
  await shown.started()
  await until(async () => !(await page.getByRole('img', { name: 'the run' }).isVisible()), 'the picture to go')
  assert.ok(page.workersSeen <= 2, `${page.workersSeen} workers`)
  assert.equal(await page.locator('palimpsest-figure iframe').getAttribute('sandbox'), 'allow-scripts')
  const frame = page.frames()[1]
  await until(async () => {
    const height = await frame.evaluate(() => document.body.getBoundingClientRect().height)
    return Math.abs((await page.locator('palimpsest-figure').boundingBox()).height - height) < 2
  }, 'its height')
  await goesOn(page)
  await page.evaluate(() => window.scrollTo(0, 0))
  await until(() => rests(page), 'it to pause')
  await page.evaluate(() => document.querySelector('palimpsest-figure').scrollIntoView())
  await goesOn(page)
  await leave(page)
})

test('only what is asked for is shown, as wide as there is room', async () => {
  for (const width of [360, 900]) {
    const page = await visit(`${script()}<palimpsest-figure experiment="${link}" show="curves numbers"></palimpsest-figure>`, { viewport: { width, height: 700 } })
    await until(async () => (await figureFrame(page).locator('curve-plot path.curve').count()) > 0, 'curves')
    const frame = figureFrame(page)
    assert.ok(await frame.locator('table.numbers').isVisible())
    for (const other of ['.intro', '.chapters', '.transport', '.fits', '.story', '.share', '.experiment', 'footer', '.tucked', '.undo', '.seeds']) {
      assert.equal(await frame.locator(other).first().isVisible(), false, other)
    }
    const [content, room] = await page.frames()[1].evaluate(() => [document.documentElement.scrollWidth, innerWidth])
    assert.ok(content <= room, `${content} in ${room}`)
    await leave(page)
  }
})

test('a figure in the dark, and in a narrow column: axe finds nothing', async () => {
  const page = await browser.open(`palimpsest.html${link}&embed=story,controls,speed,seed,fits,curves,numbers,settings`, { colorScheme: 'dark', viewport: { width: 360, height: 700 } })
  await new Shown(page).started()
  await accessible(page)
  await close(page)
})

test('the wheel is the host’s', async () => {
  const page = await visit(`${script()}<palimpsest-figure experiment="${link}"></palimpsest-figure>${far}`)
  await new Shown(figureFrame(page)).started()
  await page.mouse.move(400, 200)
  await page.mouse.wheel(0, 500)
  await until(() => page.evaluate(() => scrollY > 100), 'the host to scroll')
  assert.equal(await page.frames()[1].evaluate(() => scrollY), 0)
  await leave(page)
})

test('messages of others are not heard', async () => {
  const page = await visit(`${script()}<palimpsest-figure experiment="${link}"><img src='${picture}' alt="the run"></palimpsest-figure>
    <iframe name="hostile" srcdoc="<p>hostile</p>"></iframe>`)
  await new Shown(figureFrame(page)).started()
  await until(async () => !(await page.getByRole('img', { name: 'the run' }).isVisible()), 'it to be shown')
  const frame = page.frames().find((frame) => /embed/.test(frame.url()))
  const ownHeight = () => until(async () => await page.locator('palimpsest-figure iframe').evaluate((frame) => frame.style.height) ===
    await frame.evaluate(() => `${Math.ceil(document.body.getBoundingClientRect().height)}px`), 'its own height')
  await ownHeight() // which it tells when it changes, and not again
  await page.evaluate(() => {
    const own = document.querySelector('palimpsest-figure').shadowRoot.querySelector('iframe')
    const say = (message) => {
      window.frames.hostile.parent.postMessage(message, '*')
      window.frames.hostile.eval(`parent.postMessage(${JSON.stringify(message)}, '*'); parent.frames[0].postMessage({ palimpsest: 'near', near: false }, '*')`)
    }
    say({ palimpsest: 'height', height: 5 })
    say({ palimpsest: 'height', height: 9000 })
    say({ palimpsest: 'failed', reason: 'hostile' })
    for (const odd of [null, 'x', 7, [], { palimpsest: 'near', near: 'no' }, { palimpsest: 'near' }]) own.contentWindow.postMessage(odd, '*')
  })
  await sleep(400)
  await ownHeight()
  assert.equal(await page.getByText('hostile', { exact: true }).count(), 0)
  await goesOn(page)
  // Of the figure's own frame, only what is in range.
  await frame.evaluate(() => {
    for (const height of [NaN, -1, 1e9, '100', null]) parent.postMessage({ palimpsest: 'height', height }, '*')
    parent.postMessage({ palimpsest: 'failed', reason: { toString: () => 'x' } }, '*')
  }).catch(() => {})
  await sleep(200)
  await ownHeight()
  await leave(page)
})

test('a strict policy: default-src self, in both browsers', async () => {
  const page = await visit(`<script src="embed.js" defer></script>
    <palimpsest-figure preset="ewc"><img src="picture.svg" alt="the run"></palimpsest-figure>`, { policy: "default-src 'self'" })
  await new Shown(figureFrame(page)).started()
  await leave(page)
})

test('ten figures on one page: those out of sight take nothing, in both browsers', async () => {
  const one = `<palimpsest-figure experiment="${link}" height="700"></palimpsest-figure>`
  const page = await visit(`${script()}${`${one}${far}`.repeat(10)}`)
  await until(async () => (await page.frames().length) === 2, 'the first')
  await new Shown(page.frameLocator('palimpsest-figure >> nth=0 >> iframe')).started()
  assert.equal(page.frames().length, 2)
  assert.ok(page.workersSeen <= 2, `${page.workersSeen} workers`)
  await page.evaluate(() => document.querySelectorAll('palimpsest-figure')[6].scrollIntoView())
  await until(() => page.frames().length === 3, 'the seventh')
  await until(() => page.workersSeen > 2, 'its workers')
  await sleep(300)
  assert.ok(page.workersSeen <= 4, `${page.workersSeen} workers`)
  await leave(page)
})

test('plain frames: each starts when it is seen', async () => {
  const one = `<iframe sandbox="allow-scripts" width="600" height="700" src="${'ORIGIN'}/palimpsest.html${link}&embed=fits"></iframe>`.replace('ORIGIN', browser.origin)
  const page = await visit(`${one}${far}${one}`)
  await until(async () => (await page.frameLocator('iframe >> nth=0').locator('fit-plot path.now').count()) === 3, 'the first')
  assert.ok(page.workersSeen <= 2, `${page.workersSeen} workers`)
  assert.equal(await page.frameLocator('iframe >> nth=1').locator('fit-plot').count(), 0)
  await page.locator('iframe').last().scrollIntoViewIfNeeded()
  await until(async () => (await page.frameLocator('iframe >> nth=1').locator('fit-plot path.now').count()) === 3, 'the second')
  await leave(page)
})

/** The address of a plain frame as the dialog writes it, with the finished run in it. */
async function keptAddress(run = link) {
  const page = await browser.open(run)
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  await page.getByRole('button', { name: 'Embed…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { name: /plain frame/ }).check()
  const written = await dialog.getByRole('textbox', { name: 'HTML for your page' }).inputValue()
  const losses = await page.evaluate(() => document.querySelector('palimpsest-app').lab.state.snapshot.learners.map(({ curves }) => curves.loss.map((values) => values.at(-1))))
  await close(page)
  return { written, address: /src="([^"]+)"/.exec(written)[1], losses }
}

test('a plain frame shows the finished run out of sight and in print, and its own on the screen, in both browsers', async () => {
  const { written, losses } = await keptAddress()
  const page = await visit(`${far}${written}`)
  const frame = page.frameLocator('iframe')
  const kept = frame.getByRole('region', { name: 'The finished run, as it was when this figure was made.' })
  await until(async () => (await kept.locator('path.curve[d]').count()) === 2 * 3, 'the curves')
  await shownIn(page, 'print') // which nobody has come near
  await kept.locator('svg').first().waitFor()
  await shownIn(page, 'screen')
  assert.equal(page.workersSeen, 0)
  const said = await kept.getByRole('img').evaluateAll((plots) => plots.map((plot) => plot.getAttribute('aria-label')))
  for (const [task, label] of said.entries()) {
    const numbers = label.match(/(?<= )[\d.]+(?=[,.]($|,| ))/g).slice(-3).map(Number)
    losses.forEach((ends, learner) => assert.ok(Math.abs(numbers[learner] - ends[task]) <= 0.05 * ends[task], `${label}: ${ends[task]}`))
  }
  await page.locator('iframe').scrollIntoViewIfNeeded()
  await until(async () => (await frame.locator('.curves path.curve').count()) > 0 && !(await kept.locator('svg').first().isVisible()), 'its own run')
  await shownIn(page, 'print')
  await kept.locator('svg').first().waitFor()
  await frame.locator('palimpsest-app').waitFor({ state: 'hidden' })
  await leave(page)
})

test('a plain frame without WebAssembly: the finished run, and the reason; axe finds nothing', async () => {
  const { address } = await keptAddress()
  const page = await browser.blank({ colorScheme: 'dark', viewport: { width: 360, height: 740 } })
  await page.route('**/palimpsest.html', (route) => route.fulfill({
    contentType: 'text/html', body: readFileSync(`${dist}palimpsest.html`, 'utf8').replace(`'wasm-unsafe-eval'`, ''),
  }))
  await page.goto(address)
  await page.getByRole('alert').getByText(/WebAssembly/).first().waitFor()
  await until(async () => (await page.locator('.kept svg').count()) === 2, 'the finished run')
  assert.ok(await page.locator('.kept svg').first().isVisible())
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360)
  await accessible(page)
  await page.context().close()
})

test('a run in an address that cannot be read is left out', async () => {
  for (const run of ['AAAA', fragmentOf({ measure: 'loss' }).slice(4), fragmentOf({ panels: [], names: ['<img src=x>'], tasks: {}, boundaries: [1] }).slice(4)]) {
    const page = await browser.open(`palimpsest.html${link}&embed&run=${run}`)
    await new Shown(page).started()
    assert.equal(await page.locator('.kept').count(), 0)
    await close(page)
  }
})

test('print: the pictures, of a figure that nobody has come near too, in both browsers', async () => {
  const one = (name) => `<palimpsest-figure experiment="${link}"><img src="picture.svg?${name}" alt="${name}" loading="lazy"></palimpsest-figure>`
  const page = await visit(`${script()}${one('the run')}${far.repeat(2)}${one('another run')}`)
  await new Shown(figureFrame(page)).started()
  await until(async () => !(await page.getByRole('img', { name: 'the run', exact: true }).isVisible()), 'the picture to go')
  const pdf = await page.pdf() // which loads what is lazy, in Firefox in the copy that it prints
  await shownIn(page, 'print')
  if (isFirefox) assert.equal((await textsOf(browser, pdf)).join().match(/a picture/g)?.length, 2)
  for (const picture of isFirefox ? [] : await page.getByRole('img').all()) {
    assert.ok(await picture.isVisible())
    await until(() => picture.evaluate((image) => image.naturalWidth === 90), 'the picture')
  }
  assert.equal(await page.getByRole('img').count(), 2)
  assert.equal(await page.locator('palimpsest-figure iframe').isVisible(), false)
  assert.equal(page.frames().length, 2)
  await leave(page, !isFirefox) // where after this print it closes with the browser alone
})

test('an address that is none, and one that answers nothing bad', async () => {
  const page = await visit(`${script()}<palimpsest-figure src="javascript:alert(1)" preset="ewc"></palimpsest-figure>`)
  await page.getByText('This figure does not run here').waitFor()
  assert.equal(page.frames().length, 1)
  await leave(page)
})

test('without JavaScript: the picture, and the reason, in both browsers', async () => {
  const page = await visit(`<palimpsest-figure preset="ewc"><img src="picture.svg" alt="the run">
    <noscript>This figure needs JavaScript</noscript></palimpsest-figure>
    <iframe sandbox src="${browser.origin}/palimpsest.html#preset=ewc&embed"></iframe>`, { javaScriptEnabled: false })
  assert.ok(await page.getByRole('img', { name: 'the run' }).isVisible())
  assert.ok((await page.locator('noscript').boundingBox()).width > 100)
  assert.ok((await page.frameLocator('iframe').locator('noscript .plain').boundingBox()).width > 100)
  await page.context().close()
})

test('without WebAssembly: the picture, and the reason', async () => {
  const page = await browser.blank()
  html = `<!doctype html>${script()}<palimpsest-figure preset="ewc"><img src='${picture}' alt="the run"></palimpsest-figure>`
  policy = null
  await page.route('**/palimpsest.html', (route) => route.fulfill({
    contentType: 'text/html', body: readFileSync(`${dist}palimpsest.html`, 'utf8').replace(`'wasm-unsafe-eval'`, ''),
  }))
  await page.goto(`http://127.0.0.1:${blog.address().port}/`)
  await page.getByText(/This figure does not run here\..*WebAssembly/).waitFor()
  assert.ok(await page.getByRole('img', { name: 'the run' }).isVisible())
  await page.context().close()
})

test('the dialog writes the snippet, shows it, and what it writes works, in both browsers', async () => {
  const page = await browser.open(link)
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  const opener = page.getByRole('button', { name: 'Embed…' })
  await opener.click()
  const dialog = page.getByRole('dialog', { name: 'Put it into your page' })
  const preview = new Shown(dialog.frameLocator('iframe'))
  await preview.started()
  await dialog.getByRole('checkbox', { name: 'speed' }).check()
  await dialog.getByRole('checkbox', { name: 'what the networks know' }).uncheck()
  await until(async () => (await dialog.frameLocator('iframe').locator('.speed').isVisible().catch(() => false)), 'the preview to follow')
  const written = await dialog.getByRole('textbox', { name: 'HTML for your page' }).inputValue()
  assert.match(written, /<palimpsest-figure experiment="v1=[\w-]+" show="controls speed curves" label="[^"]+">/)
  assert.match(await dialog.locator('.note').innerText(), /readers cannot reach http:\/\/localhost:\d+\/: .*Put embed\.js and palimpsest\.html on your site/)
  const { file, bytes } = await browser.saved(page, dialog.getByRole('button', { name: 'Save picture' }))
  assert.ok(written.includes(`<img src="${file}"`))
  assert.equal(bytes.toString().match(/<title/g).length, 1 + await page.locator('main svg[role=img]').count())
  await dialog.getByRole('checkbox', { name: /plain frame/ }).check()
  const plainly = await dialog.getByRole('textbox', { name: 'HTML for your page' }).inputValue()
  assert.match(plainly, /^<iframe src="http:\/\/localhost:\d+\/palimpsest.html#v1=[\w-]+&embed=controls,speed,curves&run=[\w-]{200,3000}"/)
  await accessible(page)
  await page.keyboard.press('Escape')
  await until(async () => (await page.getByRole('dialog').count()) === 0, 'it to close')
  assert.ok(await opener.evaluate((button) => button === document.activeElement))
  await close(page)
  const host = await visit(written.replace(/<img[^>]*>/, ''))
  await until(async () => (await figureFrame(host).locator('curve-plot path.curve').count()) > 0, 'the figure of the snippet')
  await figureFrame(host).locator('.speed').waitFor()
  await leave(host)
})
