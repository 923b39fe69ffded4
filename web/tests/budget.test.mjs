// What a visit may cost, as Lighthouse asks it, from its beginning to the end of the run. Its compressed
// bytes are weight.test.mjs's; its times are measured by tools/bench (--only visit), with bounds here
// that no busy machine exceeds.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Browser, close, fragmentOf, notInFirefox, Shown, small, until } from './browser.mjs'

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

test('a visit keeps its budget: requests, bytes, shifts of the layout, elements', notInFirefox('it does not count shifts and long tasks'), async (t) => {
  const page = await browser.blank()
  const answers = []
  page.on('response', (response) => answers.push(response))
  await page.addInitScript(() => {
    window.observed = PerformanceObserver.supportedEntryTypes
    window.shift = 0
    window.longTasks = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value
    }).observe({ type: 'layout-shift', buffered: true })
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ startTime, duration }) => [startTime, duration])))
      .observe({ type: 'longtask', buffered: true })
  })
  await page.goto(`${browser.origin}/${fragmentOf(small())}`)
  const shown = new Shown(page)
  await shown.started()
  await shown.finish()
  const firstFitMs = await until(() => page.evaluate(() => window.firstFitMs), 'the first fit')
  for (const type of ['layout-shift', 'longtask']) assert.ok((await page.evaluate(() => window.observed)).includes(type), type)
  const { shift, longest, elements } = await page.evaluate(() => ({
    shift: window.shift,
    longest: Math.max(0, ...window.longTasks.filter(([start]) => start > window.firstFitMs).map(([, ms]) => ms)),
    elements: document.querySelectorAll('*').length,
  }))
  const own = answers.filter((answer) => answer.url().startsWith(`${browser.origin}/`)) // faults has any other
  const bytes = (await Promise.all(own.map((answer) => answer.body()))).reduce((sum, body) => sum + body.length, 0)
  t.diagnostic(`${own.length} requests, ${bytes} bytes; layout shift ${shift.toFixed(4)}; ${elements} elements; first fit ${Math.round(firstFitMs)} ms; longest task after it ${Math.round(longest)} ms`)
  assert.ok(own.length > 4 && own.length <= 16, `${own.length} requests: ${own.map((answer) => answer.url())}`)
  assert.ok(bytes > 100_000 && bytes <= 500_000, `${bytes} bytes`)
  assert.ok(own.every((answer) => answer.status() === 200))
  assert.ok(shift <= 0.1, `layout shift ${shift}`)
  assert.ok(elements <= 1400, `${elements} elements`) // Lighthouse's dom-size
  assert.ok(firstFitMs < 10_000 && longest < 2000, `${firstFitMs} ms, ${longest} ms`)
  await close(page)
})
