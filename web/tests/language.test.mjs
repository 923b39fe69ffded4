// The page in Chinese: nothing is missing, nothing is left over, and it is what a reader sees.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { createEngine } from '../../dist/engine.js'
import * as english from '../src/strings.js'
import * as chinese from '../src/strings.zh.js'
import { accessible, Browser, close, dist, fragmentOf, Shown, small, until } from './browser.mjs'

const engine = await createEngine()
const folder = new URL('../presets/', import.meta.url)
const presets = readdirSync(folder).filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')))
const reproductions = new URL('../../src/reproductions/', import.meta.url)
const tables = readdirSync(reproductions).filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, reproductions), 'utf8')))
const theirNames = new Set(tables.flatMap(({ parts }) => parts.flatMap(({ rows }) => rows.map(({ method }) => method))))
const isChinese = (text) => /\p{Script=Han}/u.test(text)

/** The same in every language: names, symbols, and "key", which is no text. */
const alike = new Set(['Palimpsest', 'x', 'y', 'x₁', 'x₂', 'SVG', 'PNG', '–', '¼×', '½×', '1×', '2×', '4×', '✓', '✗'])

/** [path, English, Chinese] of every text; undefined where one of them has none. */
function pairs(texts, over, path = '') {
  if (typeof (texts ?? over) !== 'object') return [[path, texts, over]]
  return [...new Set([...Object.keys(texts ?? {}), ...Object.keys(over ?? {})])].filter((key) => key !== 'key')
    .flatMap((key) => pairs(texts?.[key], over?.[key], `${path}.${key}`))
}

const allPairs = Object.keys(english).filter((part) => part !== 'plainStrings').flatMap((part) => pairs(english[part], chinese[part], part))

test('every text has its Chinese, and there is no other', () => {
  assert.deepEqual(allPairs.filter(([, text, over]) => typeof text !== typeof over).map(([path]) => path), [])
  const parameters = allPairs.filter(([, text, over]) => typeof text === 'function' && text.length !== over.length)
  assert.deepEqual(parameters.map(([path]) => path), [], 'other parameters')
  const left = allPairs.filter(([path, text, over]) => typeof text === 'string' && !path.startsWith('strings.otherLanguage') &&
    (alike.has(text) ? text !== over : !isChinese(over)))
  assert.deepEqual(left.map(([path]) => path), [], 'not Chinese')
})

test('every chapter has its Chinese, its formula’s words included', () => {
  assert.deepEqual(Object.keys(chinese.chapters).sort(), presets.map(({ name }) => name).sort())
  for (const { name, formula, symbols } of presets) {
    const { title, story, words = [], symbols: meanings } = chinese.chapters[name]
    assert.ok(title && isChinese(story), name)
    assert.equal(words.length, formula.match(/<mtext>/g)?.length ?? 0, `${name}: words of the formula`)
    assert.equal(meanings.length, symbols.length, `${name}: symbols`)
    assert.deepEqual([...words, ...meanings].filter((text) => !isChinese(text) && text.replaceAll('&#160;', '')), [], name)
  }
})

const straight = /\p{L}'(?=\p{L}|[\s.,:;)]|$)/u
const leaves = (value) => (value && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [value])

test('apostrophes are typographic in every text, in English and Chinese', () => {
  const { version, ...catalogue } = engine.catalogue()
  const texts = leaves([allPairs, catalogue, presets.map(({ title, story, symbols }) => [title, story, symbols]), chinese.chapters, chinese.catalogue,
    english.plainStrings, tables])
  assert.ok(texts.length > 1000)
  const faults = texts.filter((text) => (typeof text === 'function' ? /\p{L}'\p{L}/u.test(text) : straight.test(text)))
  assert.deepEqual(faults.map(String), [])
})

/** Names that stay: of methods and functions, and symbols. */
const isName = (label) => /^[A-Z]|^(tanh|sigmoid|softplus)$/.test(label)

test('every label and help of the catalogue has its Chinese, and no Chinese serves two', () => {
  const { version, ...sections } = engine.catalogue()
  const served = new Map() // what each Chinese entry stands for
  const choicesOf = new Map() // and the choices that any parameter with it has
  const faults = []
  const check = (where, { label, help, choices }, texts) => {
    if (!texts) return faults.push(`${where}: ${label}`)
    const [labelText, helpText, choiceTexts = {}] = texts
    if (!isChinese(labelText) && !isName(labelText)) faults.push(`${where}: ${label}`)
    if (help ? !isChinese(helpText) : helpText) faults.push(`${where}: ${help}`)
    const before = served.get(texts) ?? `${label}: ${help}`
    if (before !== `${label}: ${help}`) faults.push(`${where}: “${label}: ${help}” is not “${before}”`)
    served.set(texts, before)
    for (const choice of choices ?? []) check(`${where} ${choice.value}`, choice, choiceTexts[choice.value])
    choicesOf.set(texts, [...(choicesOf.get(texts) ?? []), ...(choices ?? []).map(({ value }) => value)])
  }
  const { parameters, ...kinds } = chinese.catalogue
  const used = new Set()
  const checkParameter = (entry, kind) => {
    const own = `${kind}.${entry.key}`
    const key = parameters[own] ? own : entry.key
    used.add(key)
    check(own, entry, parameters[key])
  }
  for (const [section, entries] of Object.entries(sections)) {
    for (const entry of entries) {
      if (!entry.kind) checkParameter(entry, section)
      else {
        check(entry.kind, entry, kinds[section][entry.kind])
        for (const each of entry.parameters) checkParameter(each, entry.kind)
      }
    }
    const known = entries.map(({ kind }) => kind)
    faults.push(...Object.keys(kinds[section] ?? {}).filter((kind) => !known.includes(kind)).map((kind) => `there is no ${kind}`))
  }
  for (const [[name, , texts = {}], known] of choicesOf) {
    faults.push(...Object.keys(texts).filter((value) => !known.includes(value)).map((value) => `${name}: no choice ${value}`))
  }
  faults.push(...Object.keys(parameters).filter((key) => !used.has(key)).map((key) => `there is no parameter ${key}`))
  assert.deepEqual(faults, [])
})

/** @type {Browser} */
let browser
before(async () => (browser = await Browser.start()))
after(() => browser?.stop())

const document = small()

const started = (view) => until(async () => Number(await view.getByRole('progressbar').getAttribute('aria-valuenow')) > 0, 'the training to start')

/** Every text of the page that is no formula, and every name and help. */
const textsOf = (page) => page.evaluate(() => {
  const texts = []
  const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!node.parentElement.closest('math :not(mtext), script, style, noscript, code, textarea')) texts.push(node.data.trim())
  }
  for (const element of document.querySelectorAll('*')) {
    for (const name of ['aria-label', 'title', 'placeholder', 'data-help', 'aria-valuetext', 'alt']) {
      texts.push(element.getAttribute(name)?.trim() ?? '')
    }
  }
  return texts.filter(Boolean)
})

const translated = new Set([
  ...allPairs.filter(([, text, over]) => typeof text === 'string' && text !== over).map(([, text]) => text),
  ...presets.filter(({ name, title }) => chinese.chapters[name].title !== title).map(({ title }) => title),
])

const words = /[a-z]{2,} [a-z]{2,}/ // one after the other: names have capitals, or stand alone

const withoutSources = (text) => tables.reduce((left, { source }) => left.replace(source, ''), text).replaceAll('et al', '')

async function speaksChinese(page, what) {
  await until(async () => (await textsOf(page)).length > 100, 'the page to be drawn')
  const texts = await textsOf(page)
  const left = texts.filter((text) => !theirNames.has(text) && (translated.has(text) || words.test(withoutSources(text))))
  assert.deepEqual([...new Set(left.map((text) => text.slice(0, 200)))], [], what)
  assert.deepEqual(texts.filter((text) => straight.test(text)), [], `${what}: straight apostrophes`)
  assert.deepEqual(texts.filter((text) => /\p{Script=Han} \p{Script=Han}/u.test(text)), [], `${what}: Chinese words apart`)
}

for (const name of ['two-sines', 'domains']) { // losses, and accuracies
  test(`the chapter ${name} is Chinese, every part opened, to its end`, async () => {
    const page = await browser.open(`?lang=zh#preset=${name}`, { reducedMotion: 'reduce' })
    await started(page)
    assert.equal(await page.title(), chinese.pageTitle)
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-Hans')
    await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))
    await until(() => page.locator('.heat').count(), 'the matrix R')
    await until(async () => /[0-9a-f]{16}/.test(await page.locator('.digest').innerText()), 'the run to end')
    for (const heading of ['fits', 'curves', 'numbers', 'experiment', 'share', 'formula']) {
      await page.getByRole('heading', { name: chinese.strings[heading], exact: true }).waitFor()
    }
    await speaksChinese(page, name)
    await accessible(page)
    await close(page)
  })
}

test('every chapter is Chinese', async () => {
  const page = await browser.open(`?lang=zh${fragmentOf(document)}`)
  await started(page)
  await speaksChinese(page, 'no chapter')
  for (const [name, { title, story }] of Object.entries(chinese.chapters)) {
    await page.getByRole('button', { name: title, exact: true }).click()
    await page.getByText(story, { exact: true }).waitFor()
    await speaksChinese(page, name)
  }
  await close(page)
})

test('what opens in a click is Chinese: own tasks, the dialog for other pages', async () => {
  const page = await browser.open(`?lang=zh${fragmentOf(document)}`)
  await started(page)
  await page.getByRole('button', { name: chinese.strings.ownOpen }).click()
  await page.getByRole('heading', { name: chinese.ownStrings.title }).waitFor()
  await page.getByRole('button', { name: chinese.strings.take.embed }).click()
  await page.locator('#embed-title', { hasText: chinese.dialogStrings.title }).waitFor() // the button’s row has the same name
  await speaksChinese(page)
  const preview = page.frameLocator('dialog iframe')
  await preview.getByRole('heading', { name: chinese.strings.fits }).waitFor()
  await close(page)
})

test('every method and every task generator that is offered is Chinese, with its parameters', async () => {
  const { methods, tasks } = engine.catalogue()
  const page = await browser.open(`?lang=zh${fragmentOf({ ...document, methods: methods.map(({ kind }) => ({ kind })) })}`)
  await started(page)
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)))
  await speaksChinese(page)
  const generators = tasks.map(({ kind }) => chinese.catalogue.tasks[kind][0])
  const offered = await page.locator('#task-kind option').allInnerTexts()
  assert.ok(offered.length > 5)
  assert.deepEqual(offered.filter((label) => !generators.includes(label)), [])
  await close(page)
})

test('what 0 means is Chinese, and the parameter’s help says it', async () => {
  const page = await browser.open(`?lang=zh${fragmentOf(small({ training: { ...document.training, batch_size: 0 } }))}`)
  await started(page)
  await page.locator('details:has(> .groups) > summary').click()
  const field = page.locator('.groups parameter-field', { hasText: '批次大小' })
  assert.equal(await field.getByRole('spinbutton').getAttribute('placeholder'), '全部')
  await field.locator('.help').click()
  await field.getByText('每一步看多少样本；0 表示全部。').waitFor()
  await close(page)
})

test('a diverging learner, a broken link: what is said of them is Chinese', async () => {
  const diverging = { kind: 'finetune', training: { optimizer: { kind: 'sgd', learning_rate: 10 } } }
  const page = await browser.open(`?lang=zh${fragmentOf({ ...document, methods: [{ kind: 'ewc' }, diverging] })}`)
  await page.getByText(/在第 \d+ 步发散。/).first().waitFor()
  await page.evaluate(() => (location.hash = '#preset=none'))
  await page.getByText(chinese.strings.linkUnknownPreset('none')).waitFor()
  await speaksChinese(page)
  await close(page)
})

test('what the engine says of a faulty document is Chinese, with its paths and values', () => {
  const { fault } = chinese.strings
  const of = (changes) => engine.check({ ...document, ...changes }).map(fault)
  for (const [changes, said] of [
    [{ seed: -1 }, /^seed：应为 0 到 9007199254740991 之间的整数，而不是 -1$/],
    [{ methods: [{ kind: 'ewc', lambda: -3 }] }, /^methods\[0\]\.lambda：应为 0 到 1e\+09 之间的数，而不是 -3$/],
    [{ methods: [{ kind: 'nope' }] }, /^methods\[0\]\.kind：应为以下之一：finetune.*；而不是 "nope"$/],
    [{ network: { hidden: [0] } }, /^network\.hidden.*：应为.* 1 到 4096 之间的整数，而不是 /],
    [{ training: { optimizer: { kind: 'adam', reset_each_task: 3 } } }, /：应为 true 或 false，而不是 3$/],
    [{ tasks: { kind: 'sines', gap: 90 } }, /^tasks\.gap：应在 tasks\.from 与 tasks\.to 之间为每个任务留出位置，而现在每个区间的宽度为 -\d+$/],
    [{ network: { hidden: [4096, 4096, 4096, 4096] } }, /^network\.hidden：会产生 50356225 个参数；至多为 50000000 个$/],
    [{ network: { hidden: [4096, 4096] }, methods: Array(20).fill({ kind: 'ewc' }) }, /^network\.hidden：需要 .+ 内存，所有方法共需 .+；至多为 .+B$/],
    [{ surprise: 1 }, /^surprise：未知的键；此处可用的有：/],
    [{ network: 3 }, /^network：应为对象，而不是 3$/],
  ]) assert.match(of(changes)[0], said)
})

test('the switch keeps the experiment, and there is a way back, in both browsers', async () => {
  const page = await browser.open(fragmentOf(document))
  const shown = new Shown(page)
  await shown.started()
  const link = await shown.link()
  const fragment = link.slice(link.indexOf('#'))
  await page.getByRole('link', { name: '中文' }).click()
  await until(async () => (await page.title()) === chinese.pageTitle, 'the page in Chinese')
  await started(page)
  assert.equal(await page.evaluate(() => location.hash), fragment)
  assert.equal(await page.getByRole('textbox', { name: chinese.strings.link }).inputValue(), `${browser.origin}/?lang=zh${fragment}`)
  await page.getByRole('link', { name: 'English' }).click()
  await until(async () => (await page.title()) === english.plainStrings.title, 'the page in English')
  await shown.started()
  assert.equal(await page.evaluate(() => location.hash), fragment)
  await close(page)
})

const languages = [
  ['the reader’s own language', { locale: 'zh-CN' }, '', 'zh-Hans'],
  ['the address before the reader’s own', { locale: 'zh-CN' }, '?lang=en', 'en'],
  ['a language that there is not', { locale: 'fr-FR' }, '?lang=toString', 'en'],
  ['the fragment of a figure', {}, '#preset=ewc&embed&lang=zh-CN', 'zh-Hans'],
]
for (const [what, options, address, language] of languages) {
  test(`the language: ${what}`, async () => {
    const page = await browser.open(address, options)
    await started(page)
    assert.equal(await page.evaluate(() => document.documentElement.lang), language)
    const { strings } = language === 'en' ? english : chinese
    await page.getByRole('heading', { name: strings.curves }).waitFor()
    await close(page)
  })
}

test('the single file from a disk, and in a sandboxed frame, changes its language, in both browsers', async () => {
  const page = await browser.blank()
  await page.goto(`${pathToFileURL(`${dist}palimpsest.html`)}#preset=gem`)
  await started(page)
  await page.getByRole('link', { name: '中文' }).click()
  await page.getByText(chinese.chapters.gem.story).waitFor()
  await close(page)
  const host = await browser.framed('#preset=gem')
  const frame = host.frameLocator('iframe')
  await started(frame)
  await frame.getByRole('link', { name: '中文' }).click()
  await frame.getByText(chinese.chapters.gem.story).waitFor()
  await close(host)
})

test('a figure in a Chinese page is Chinese, and so is its reason not to run', async () => {
  const page = await browser.blank()
  const body = `<!doctype html><html lang="zh-CN"><title>博客</title><script src="embed.js" defer></script>
    <palimpsest-figure preset="gem"></palimpsest-figure><palimpsest-figure src="data:text/html,none"></palimpsest-figure>`
  await page.route('**/blog.html', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body }))
  await page.goto(`${browser.origin}/blog.html`)
  await page.getByText(chinese.figureStrings.figureFailed(chinese.figureStrings.badAddress)).waitFor()
  const frame = page.frameLocator('iframe')
  await frame.getByRole('heading', { name: chinese.strings.fits }).waitFor()
  assert.equal(await page.locator('iframe').first().getAttribute('title'), chinese.figureStrings.figure)
  await page.context().close()
})
