// Runs documents natively over seeds, several at a time: what table and figures share.
const { execFile } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { promisify } = require('node:util')

const program = path.join(__dirname, '../build/native/palimpsest')

/** The results of the experiment, one a seed in the order of the seeds. */
exports.runAll = async function runAll(experiment, seeds) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'palimpsest-'))
  const results = []
  const waiting = seeds.map((seed, index) => [seed, index])
  async function work() {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [seed, index] = next
      const document = path.join(folder, `${seed}.json`)
      const output = path.join(folder, `${seed}.result.json`)
      const record = { every: 10000000, parameters: false }
      fs.writeFileSync(document, JSON.stringify({ ...experiment, seed, record }))
      await promisify(execFile)(program, ['run', document, '-o', output])
      results[index] = JSON.parse(fs.readFileSync(output, 'utf8'))
    }
  }
  try {
    await Promise.all(os.cpus().map(work))
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
  return results
}

exports.median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1] // of an odd number
exports.round = (value) => Number(value.toPrecision(2)).toString()

/** The method with the settings that it was given. */
exports.nameOf = function nameOf({ kind, ...settings }) {
  const given = Object.entries(settings).map(([key, value]) => `${key} ${value}`)
  return given.length > 0 ? `${kind} (${given.join(', ')})` : kind
}

/** Prints the verdicts; the exit status says whether all hold. */
exports.report = function report(claims) {
  for (const { text, value, holds } of claims) {
    console.log(`- ${holds ? 'pass' : 'FAIL'}: ${text} (${exports.round(value)})`)
  }
  if (claims.some(({ holds }) => !holds)) process.exitCode = 1
}
