// The page in Firefox, where it is installed: it draws, ends on the engine's digest, and its parts open.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { after, before, test } from 'node:test'
import puppeteer from 'puppeteer-core'
import { createEngine } from '../../dist/engine.js'
import { serve } from '../../tools/serve.mjs'
import { dist, fragmentOf, small, until } from './browser.mjs'

const firefox = (process.env.PATH ?? '').split(delimiter)
  .flatMap((folder) => [join(folder, 'firefox-esr'), join(folder, 'firefox')]).find((path) => existsSync(path))
const options = { skip: firefox ? false : 'Firefox is not installed' }

const experiment = small({ methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem' }] })

let browser, server, address
before(async () => {
  if (!firefox) return
  const served = await serve(dist, 0)
  server = served.server
  address = `http://localhost:${served.port}/`
  browser = await puppeteer.launch({ browser: 'firefox', executablePath: firefox, headless: true })
}, { timeout: 60_000 })
after(async () => {
  await browser?.close()
  server?.close()
})

/** A page and what went wrong in it. */
async function open(fragment) {
  const page = await browser.newPage()
  page.faults = []
  page.on('pageerror', (error) => page.faults.push(error.message))
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()))
  await page.setViewport({ width: 1280, height: 900 })
  await page.goto(address + fragment)
  return page
}

const text = (page, selector) => page.evaluate((at) => document.querySelector(at)?.textContent ?? '', selector)

async function finished(page) {
  await until(() => page.evaluate(() => document.querySelectorAll('fit-plot path.now[d]').length), 'the first fit')
  await page.evaluate(() => {
    const speed = document.querySelector('.speed input')
    speed.value = speed.max
    speed.dispatchEvent(new Event('input', { bubbles: true }))
    speed.dispatchEvent(new Event('change', { bubbles: true }))
  })
  return until(async () => /[0-9a-f]{16}/.exec(await text(page, '.digest code'))?.[0], 'the digest')
}

test('Firefox: an experiment runs to the digest that the engine gives', options, async () => {
  const page = await open(fragmentOf(experiment))
  assert.equal(await finished(page), (await createEngine()).run(experiment).digest)
  assert.equal(await page.evaluate(() => document.querySelectorAll('curve-plot path.curve[d]').length), 6)
  assert.deepEqual(page.faults, [])
  await page.close()
})

test('Firefox: everything that opens, opens', options, async () => {
  const page = await open(fragmentOf(experiment))
  await finished(page)
  const names = await page.evaluate(() => {
    const closed = [...document.querySelectorAll('main details:not([open])')]
    for (const details of closed) {
      details.dataset.tried = ''
      details.querySelector('summary').click()
    }
    return closed.length
  })
  assert.ok(names > 4, `${names} parts`)
  await until(() => page.evaluate(() => document.querySelector('table.matrix, .matrices table, .matrices svg') !== null), 'the matrix')
  assert.equal(await page.evaluate(() => document.querySelectorAll('details[data-tried]:not([open])').length), 0)
  assert.deepEqual(page.faults, [])
  await page.close()
})
