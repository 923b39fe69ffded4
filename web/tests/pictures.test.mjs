// The page as it looks in its main states, against kept pictures, one set for each browser
// (web/tests/pictures/). `UPDATE=1 node --test web/tests/pictures.test.mjs` writes them anew. What differs between machines is
// kept out: one font from npm, without hinting; no formulas and no Chinese glyphs, which need other
// fonts; and every picture averaged over squares of 8 pixels, so that the edges of glyphs and lines do
// not count. What has moved, gone or changed its colour does: the last test shows it.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pixelmatch from 'pixelmatch'
import { PNG } from 'pngjs'
import { Browser, close, fragmentOf, isFirefox, shownIn, small, until } from './browser.mjs'

const side = 8 // pixels of a square that becomes one
const tolerance = { threshold: 0.06, includeAA: true } // of one, as pixelmatch measures colours
const most = 0.002 // of all that may differ by more

const folder = new URL(`./pictures/${isFirefox ? 'firefox' : 'chromium'}/`, import.meta.url)
const logs = new URL('../../build/log/', import.meta.url)
const font = (set) => readFileSync(createRequire(import.meta.url)
  .resolve(`@fontsource/noto-sans/files/noto-sans-${set}-400-normal.woff2`), 'base64')
const fonts = ['latin', 'greek'].map((set) => [`pinned-${set}`, font(set)])
const sameEverywhere = `* { animation: none !important; transition: none !important; caret-color: transparent !important; font-family: pinned-latin, pinned-greek !important }
  math { visibility: hidden }
  :lang(zh) * { -webkit-text-fill-color: transparent !important } :lang(zh) text { fill: transparent !important }`

const plane = small({ tasks: { kind: 'moons', tasks: 2, points: 20 } })
const digits = {
  ...small({ methods: [{ kind: 'finetune' }, { kind: 'replay', memory_per_task: 10 }] }),
  tasks: { kind: 'split_digits', tasks: 2, points: 60, test_points: 40 },
  training: { epochs: 2, batch_size: 10, optimizer: { kind: 'adam', learning_rate: 0.01 } },
}
const partOf = (page, name) => page.locator('summary', { hasText: name })
const toTop = (part) => part.evaluate((element) => element.scrollIntoView())

/** By name: what is opened, and what is done once it has been trained. */
const states = {
  story: {},
  classification: { document: plane },
  digits: { document: digits },
  inside: {
    async act(page) {
      await partOf(page, 'The inside').click()
      await page.getByRole('img', { name: /^Network of EWC/ }).waitFor()
      await toTop(partOf(page, 'The inside'))
    },
  },
  'trade-off': {
    async act(page) {
      await partOf(page, 'Trade-offs').click()
      await page.getByRole('button', { name: 'Try its strengths' }).click()
      await until(async () => !(await page.locator('progress').count()) && (await page.locator('trade-plot [role=button]').count()) === 13, 'all points')
      await toTop(partOf(page, 'Trade-offs'))
    },
  },
  'own-tasks': {
    async act(page) {
      await page.getByRole('button', { name: 'Draw your own tasks' }).click()
      await page.getByRole('application', { name: /^Drawing of task/ }).waitFor()
    },
  },
  embed: { path: 'palimpsest.html', rest: '&embed=controls,fits,curves' },
  dark: { options: { colorScheme: 'dark' } },
  phone: { options: { viewport: { width: 360, height: 1400 } } },
  print: { act: (page) => shownIn(page, 'print') },
  chinese: { path: '?lang=zh' },
}

/** Every square's mean colour. */
function averaged(png) {
  const [width, height] = [Math.floor(png.width / side), Math.floor(png.height / side)]
  const small = new PNG({ width, height })
  for (let at = 0; at < width * height; at++) {
    const [left, top] = [side * (at % width), side * Math.floor(at / width)]
    for (let channel = 0; channel < 4; channel++) {
      let sum = 0
      for (let y = top; y < top + side; y++) for (let x = left; x < left + side; x++) sum += png.data[4 * (y * png.width + x) + channel]
      small.data[4 * at + channel] = Math.round(sum / side ** 2)
    }
  }
  return small
}

async function pictureOf(page) {
  await page.evaluate(() => document.activeElement?.blur())
  await page.mouse.move(0, 0)
  await page.evaluate(() => document.fonts.ready)
  await sleep(300) // the plots take their new widths
  const picture = averaged(PNG.sync.read(await page.screenshot({ caret: 'initial' })))
  if (isFirefox) { // where Playwright has a style element of its own for a moment, which the page's policy refuses
    page.faults = page.faults.filter((fault) => !/blocked an inline style/.test(fault))
    await page.evaluate(() => (window.violations = window.violations.filter((text) => text !== 'style-src-elem inline')))
  }
  return picture
}

/** The share of squares that differ. */
function difference(a, b) {
  if (a.width !== b.width || a.height !== b.height) return 1
  return pixelmatch(a.data, b.data, null, a.width, a.height, tolerance) / (a.width * a.height)
}

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

/** Dresses the page by what its policy lets through: fonts from bytes, and a sheet of its own. Runs in it. */
async function dress({ fonts, style }) {
  for (const [family, base64] of fonts) {
    const face = new FontFace(family, Uint8Array.from(atob(base64), (letter) => letter.charCodeAt()))
    document.fonts.add(await face.load())
  }
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(style)
  document.adoptedStyleSheets.push(sheet)
}

async function opened({ document = small(), path = '', rest = '', options, act }) {
  const page = await browser.open(`${path}${fragmentOf(document)}${rest}`,
    { reducedMotion: 'reduce', viewport: { width: 1280, height: 1400 }, ...options })
  await page.evaluate(dress, { fonts, style: sameEverywhere })
  const bar = page.locator('[role=progressbar].timeline, .timeline').first()
  await until(async () => (await bar.count()) && (await bar.getAttribute('aria-valuenow')) === (await bar.getAttribute('aria-valuemax')), 'the end')
  await act?.(page)
  return page
}

for (const [name, state] of Object.entries(states)) {
  test(`the picture is as it was: ${name}, in both browsers`, async (t) => {
    const page = await opened(state)
    const picture = await pictureOf(page)
    const file = new URL(`${name}.png`, folder)
    const log = `${isFirefox ? 'firefox' : 'chromium'}-${name}`
    if (process.env.UPDATE) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, PNG.sync.write(picture))
    }
    const share = difference(PNG.sync.read(readFileSync(file)), picture)
    t.diagnostic(`${(100 * share).toFixed(3)} % of the squares differ`)
    if (share > most) {
      mkdirSync(logs, { recursive: true })
      writeFileSync(new URL(`${log}.png`, logs), PNG.sync.write(picture))
    }
    assert.ok(share <= most, `${(100 * share).toFixed(2)} % of the squares differ; what is shown now is in build/log/${log}.png`)
    await close(page)
  })
}

test('a picture with a fault is another one, in both browsers', async (t) => {
  const page = await opened({})
  const whole = await pictureOf(page)
  for (const [fault, style] of Object.entries({
    'a curve is gone': 'curve-plot:first-of-type path.curve { visibility: hidden }',
    'a panel is 12 pixels further down': '.curves { transform: translateY(12px) }',
    'another colour': 'curve-plot path.curve { stroke: #0a0 }',
    'no axes': '.axis { visibility: hidden }',
  })) {
    await page.evaluate(dress, { fonts: [], style })
    const share = difference(whole, await pictureOf(page))
    await page.evaluate(() => document.adoptedStyleSheets.pop())
    t.diagnostic(`${fault}: ${(100 * share).toFixed(3)} %`)
    assert.ok(share > most, `${fault}: ${share}`)
  }
  assert.ok(difference(whole, await pictureOf(page)) <= most)
  await close(page)
})
