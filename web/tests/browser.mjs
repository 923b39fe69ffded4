// What the page's tests share: a server, a browser, pages that note whatever goes wrong in them.
// BROWSER=firefox runs the same tests in the Firefox that is installed; else they run in Chromium.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deflateRawSync } from 'node:zlib'
import { chromium, firefox } from 'playwright-core'
import { serve } from '../../tools/serve.mjs'
import { fromFragment } from '../src/link.js'

export const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
export const patienceMs = 60_000
export const isFirefox = process.env.BROWSER === 'firefox'

/** A test's option: in Firefox it is skipped, and says why. */
export const notInFirefox = (why) => ({ skip: isFirefox && `not in Firefox: ${why}` })

/** Polls: under the page's policy, waiting inside it does not work. */
export async function until(condition, what, limitMs = patienceMs) {
  const end = performance.now() + limitMs
  for (;;) {
    const value = await condition()
    if (value) return value
    if (performance.now() > end) throw new Error(`waited ${limitMs / 1000} s for: ${what}`)
    await sleep(25)
  }
}

export const fragmentOf = (document) =>
  `#v1=${deflateRawSync(JSON.stringify(document)).toString('base64url')}`

/** An experiment that ends within a second; at normal speed it still takes the page's fifteen. */
export const small = (changes = {}) => ({
  version: 1,
  seed: 5,
  tasks: { kind: 'sines', points: 30 },
  network: { hidden: [12] },
  training: { steps_per_task: 300, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }],
  record: { every: 20 },
  ...changes,
})

/** Runs in the page before its own scripts. */
function watch() {
  window.violations = []
  document.addEventListener('securitypolicyviolation', (event) => {
    window.violations.push(`${event.violatedDirective} ${event.blockedURI}`)
  })
  const look = () => {
    const step = Number(document.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow'))
    const drawn = [...document.querySelectorAll('fit-plot path.now')].some((path) => path.getAttribute('d'))
    if (step > 0 && drawn) window.firstFitMs = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

const launchChromium = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
    '--disable-background-networking', '--disable-component-update', '--disable-dev-shm-usage',
    '--font-render-hinting=none'], // glyphs are as wide on every machine
})

/** A distribution's own Firefox, by WebDriver BiDi: the channel's name alone tells Playwright so. */
const launchFirefox = (downloadsPath, preferences) => firefox.launch({
  channel: 'moz-firefox',
  args: ['-remote-allow-system-access'], // for inFirefox
  executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
  downloadsPath,
  firefoxUserPrefs: {
    'ui.useOverlayScrollbars': 1, // which take no width, as Chromium's without a head
    'fission.webContentIsolationStrategy': 0, // clicks do not reach a frame in another process
    ...preferences,
  },
})

/** What Playwright leaves out by BiDi, as Firefox's own preferences: each set of them is another browser. */
const preferencesOf = ({ colorScheme, reducedMotion, hasTouch, javaScriptEnabled = true }) => ({
  'layout.css.prefers-color-scheme.content-override': colorScheme === 'dark' ? 0 : 1,
  'ui.prefersReducedMotion': reducedMotion === 'reduce' ? 1 : 0,
  'javascript.enabled': javaScriptEnabled,
  'dom.w3c_touch_events.enabled': hasTouch ? 1 : 2, // 2: where there is a touchscreen
})

/** Calls a function of the page's tab in Firefox's own window, by BiDi as Playwright speaks it. */
async function inFirefox(page, action, ...values) {
  const session = page._connection.toImpl(page).delegate._session
  const { contexts: [{ context }] } = await session.send('browsingContext.getTree', { 'moz:scope': 'chrome', maxDepth: 0 })
  const answer = await session.send('script.callFunction', {
    functionDeclaration: `(id, values) => (${action})(ChromeUtils.importESModule('chrome://remote/content/shared/NavigableManager.sys.mjs')
      .NavigableManager.getBrowsingContextById(id), ...JSON.parse(values))`,
    arguments: [session.sessionId, JSON.stringify(values)].map((value) => ({ type: 'string', value })),
    target: { context },
    awaitPromise: true,
  })
  assert.equal(answer.type, 'success', answer.exceptionDetails?.text)
}

/** The page as in this medium: 'print' or 'screen'. */
export const shownIn = (page, media) => isFirefox
  ? inFirefox(page, (tab, medium) => { tab.mediumOverride = medium }, media)
  : page.emulateMedia({ media })

/** The page in the other colours, as when a reader's system changes them. */
export const colouredIn = (page, colorScheme) => isFirefox
  ? inFirefox(page, (tab, scheme) => { tab.prefersColorSchemeOverride = scheme }, colorScheme)
  : page.emulateMedia({ colorScheme })

/** One contact of a finger in Firefox, from its widget on: with what decides whether it scrolls. */
function contact(tab, [x, y], type) {
  const frame = tab.embedderElement
  const window = frame.ownerDocument.defaultView
  const { left, top } = frame.getBoundingClientRect()
  const inPixels = (length) => length * window.devicePixelRatio
  window.windowUtils.sendNativeTouchPoint(0, window.windowUtils[type],
    inPixels(window.mozInnerScreenX + left + x), inPixels(window.mozInnerScreenY + top + y), 1, 90)
}

/** A finger's way over the page. */
export async function finger(page, way) {
  const devtools = isFirefox ? null : await page.context().newCDPSession(page)
  const touch = (type, ...points) => devtools.send('Input.dispatchTouchEvent', { type, touchPoints: points })
  for (const [at, [x, y]] of way.entries()) {
    await (isFirefox ? inFirefox(page, contact, [x, y], 'TOUCH_CONTACT') : touch(at ? 'touchMove' : 'touchStart', { x, y }))
    await sleep(20) // a frame or more
  }
  await (isFirefox ? inFirefox(page, contact, way.at(-1), 'TOUCH_REMOVE') : touch('touchEnd'))
}

export class Browser {
  static async start() {
    const browser = new Browser()
    const served = await serve(dist, 0)
    browser.server = served.server
    browser.origin = `http://localhost:${served.port}`
    browser.downloads = mkdtempSync(join(tmpdir(), 'palimpsest-'))
    browser.programs = new Map()
    browser.program = await browser.programFor({})
    return browser
  }

  async stop() {
    for (const program of this.programs?.values() ?? []) await program.close()
    this.server?.close()
    this.stranger?.close()
    if (this.downloads) rmSync(this.downloads, { recursive: true })
  }

  async programFor(options) {
    const preferences = isFirefox ? preferencesOf(options) : {}
    const key = JSON.stringify(preferences)
    if (!this.programs.has(key)) this.programs.set(key, await (isFirefox ? launchFirefox(this.downloads, preferences) : launchChromium()))
    return this.programs.get(key)
  }

  /** The single file in a sandboxed frame of another site's page. */
  async framed(fragment) {
    this.stranger?.close()
    this.stranger = createServer((_, response) => response.end(`<!doctype html><title>framed</title>
      <iframe sandbox="allow-scripts" width="1000" height="800"
        src="${this.origin}/palimpsest.html${fragment}"></iframe>`))
    await new Promise((done) => this.stranger.listen(0, '127.0.0.1', done))
    const page = await this.blank()
    const host = `http://127.0.0.1:${this.stranger.address().port}/`
    await page.goto(host)
    page.faults = page.faults.filter((fault) => !fault.includes(host))
    return page
  }

  /** Looks at the single file opened from the disk, and in a sandboxed frame of another site. */
  async elsewhere(fragment, look) {
    const page = await this.blank()
    await page.goto(`${pathToFileURL(join(dist, 'palimpsest.html'))}${fragment}`)
    const framed = await this.framed(fragment)
    for (const view of [page, framed.frameLocator('iframe')]) await look(view)
    for (const each of [page, framed]) await close(each)
  }

  /** A page of its own context, not yet on any address. */
  async blank(options = {}) {
    const program = await this.programFor(options)
    const context = await program.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    page.faults = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) page.faults.push(message.text())
    })
    page.on('pageerror', (error) => page.faults.push(String(error)))
    page.on('requestfailed', (request) => {
      const isReplaced = request.isNavigationRequest() && /abort/i.test(request.failure()?.errorText) // by another, in the same frame
      if (!isReplaced) page.faults.push(`failed: ${request.url()}`)
    })
    context.on('request', (request) => {
      if (!/^(data|blob|file|about):/.test(request.url()) && !request.url().startsWith(`${this.origin}/`)) {
        page.faults.push(`left its origin: ${request.url()}`)
      }
    })
    await page.addInitScript(watch)
    const isDark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
    assert.equal(isDark, options.colorScheme === 'dark')
    return page
  }

  /** The page, from a path or a fragment. */
  async open(path = '', options = {}) {
    const page = await this.blank(options)
    await page.goto(`${this.origin}/${path}`)
    return page
  }

  /** What a click on the button saves. Firefox's own event lacks what Playwright knows a download by. */
  async saved(page, button) {
    if (isFirefox) {
      await button.click()
      const [file] = await until(() => {
        const there = readdirSync(this.downloads)
        return there.length === 1 && statSync(join(this.downloads, there[0])).size && there
      }, 'the file')
      const bytes = readFileSync(join(this.downloads, file))
      rmSync(join(this.downloads, file))
      return { file, bytes }
    }
    const [download] = await Promise.all([page.waitForEvent('download'), button.click()])
    return { file: download.suggestedFilename(), bytes: readFileSync(await download.path()) }
  }
}

/** What a PDF says, page by page, by Firefox's own reader. */
export async function textsOf(browser, pdf) {
  const file = join(browser.downloads, 'printed.pdf')
  writeFileSync(file, pdf)
  const page = await browser.blank()
  await page.goto(pathToFileURL(file).href)
  await until(() => page.evaluate(() => Boolean(window.PDFViewerApplication?.pdfDocument)), 'the pages')
  const texts = await page.evaluate(() => {
    const { pdfDocument } = window.PDFViewerApplication
    return Promise.all(Array.from({ length: pdfDocument.numPages }, async (_, at) => {
      const { items } = await (await pdfDocument.getPage(at + 1)).getTextContent()
      return items.map(({ str }) => str).join(' ')
    }))
  })
  await page.context().close()
  rmSync(file)
  return texts
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** axe finds no fault in the page. */
export async function accessible(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  const faults = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'], iframes: false })
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => `${id}: ${html.slice(0, 160)} ${any[0]?.message ?? ''}`))
  })
  assert.deepEqual(faults, [])
}

/** axe finds no fault in the page, light or dark. */
export async function accessibleInBoth(page) {
  for (const colorScheme of ['light', 'dark']) {
    await colouredIn(page, colorScheme)
    await until(() => page.evaluate((scheme) => matchMedia(`(prefers-color-scheme: ${scheme})`).matches, colorScheme), colorScheme)
    await accessible(page)
  }
}

/** Nothing went wrong in the page; then it is closed. */
export async function close(page) {
  const violations = await page.evaluate(() => window.violations)
  await page.context().close()
  assert.deepEqual([...page.faults, ...violations], [])
}

/** Whether every plot that is seen has drawn what it was given last, as wide as it is. Runs in the page. */
const isDrawn = (app) => [...app.querySelectorAll('*')].filter((part) => 'isUpdatePending' in part && part.checkVisibility())
  .every((part) => !part.isUpdatePending && (!('width' in part) || Math.abs(part.width - part.clientWidth) <= 1))

/** Whether every plot that is seen has drawn anything. Runs in the page. */
const isBegun = (app) => [...app.querySelectorAll('*')].filter((part) => 'isUpdatePending' in part && 'width' in part && part.checkVisibility())
  .every((part) => part.querySelector('svg'))

/** Opens every part of the page that is there, and waits for what the page does about it. */
export async function openAll(page) {
  await page.evaluate(() => Promise.all([...document.querySelectorAll('details:not([open])')].map((details) => new Promise((done) => {
    details.addEventListener('toggle', done, { once: true })
    details.open = true
  }))))
  await new Shown(page).drawn()
}

/** Where an element is, in pixels of the window, once it no longer moves. */
export async function placeOf(element) {
  let before
  return until(async () => {
    const box = await element.boundingBox()
    const rests = JSON.stringify(box) === before
    before = JSON.stringify(box)
    return rests && box
  }, 'it to stay in its place')
}

/** What the page shows, by role and name. `view`: a page, or a frame of one. */
export class Shown {
  constructor(view) {
    this.view = view
    this.cards = view.getByRole('article')
    this.app = view.locator('palimpsest-app')
    this.bar = view.getByRole('progressbar', { name: 'Progress of the training' })
    this.speed = view.getByRole('slider', { name: /^Speed/ })
  }

  button(name) {
    return this.view.getByRole('button', { name, exact: true })
  }

  async step() {
    return Number(await this.bar.getAttribute('aria-valuenow'))
  }

  async steps() {
    return Number(await this.bar.getAttribute('aria-valuemax'))
  }

  async started() {
    await until(async () => (await this.bar.count()) && (await this.step()) > 0, 'the training to start')
    await until(() => this.app.evaluate(isBegun), 'the first plots')
  }

  /** Plots take turns, in frames after that in which the rest of the page is drawn. For a page whose training rests. */
  drawn() {
    return until(() => this.app.evaluate(isDrawn), 'the plots to be drawn')
  }

  /** Pauses. What is under way still arrives: a frame, and after it where the training stands. */
  async pause() {
    await this.button('Pause').click()
    await this.app.evaluate(async ({ lab }) => {
      for (let round = 0; round < 2; round++) {
        await lab.result() // which every engine answers after all that it was asked before
        for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame)
      }
    })
    await this.drawn()
  }

  async passes(step) {
    await until(async () => (await this.step()) > step, `step ${step} to be passed`)
  }

  /** So slow that a new run is seen before it ends. */
  slow() {
    return this.speed.fill('1')
  }

  /** As fast as it can, to the end, however long that takes, as long as it goes on. */
  async finish() {
    await this.speed.fill(await this.speed.getAttribute('max'))
    const steps = await this.steps()
    for (;;) {
      const step = await this.step()
      if (step === steps) return this.digest()
      await until(async () => (await this.step()) !== step, `the run to go on from step ${step}`)
    }
  }

  /** Of the whole run, once it has ended and is drawn. */
  async digest() {
    const digest = await until(async () => /[0-9a-f]{16}/.exec(await this.view.locator('.digest').innerText())?.[0], 'a digest')
    await this.drawn()
    return digest
  }

  /** Every line that is drawn from the training. */
  async lines() {
    return this.view.locator('fit-plot path.now, curve-plot path.curve').evaluateAll((paths) => paths.map((path) => path.getAttribute('d')))
  }

  /** Once it is that of the experiment shown: it is packed after that has begun. */
  link() {
    return until(async () => {
      const link = await this.view.getByRole('textbox', { name: 'Link to this experiment' }).inputValue()
      const experiment = await this.app.evaluate(({ lab }) => JSON.stringify(lab.state.experiment))
      const linked = await fromFragment(new URL(link).hash, () => null)
      return JSON.stringify(linked) === experiment && link
    }, 'the link')
  }
}
