// The PyTorch script that the page writes runs the same experiment as the engine.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { createEngine } from '../../dist/engine.js'

const python = '/usr/bin/python3'
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0
const agreement = 1e-3
const folder = mkdtempSync(join(tmpdir(), 'palimpsest-'))
after(() => rmSync(folder, { recursive: true }))

let pytorch
let engine
before(async () => {
  const outfile = join(folder, 'pytorch.mjs')
  await esbuild.build({
    entryPoints: [fileURLToPath(new URL('../src/takeaway/pytorch.js', import.meta.url))],
    bundle: true, format: 'esm', outfile, loader: { '.py': 'text' },
  })
  pytorch = await import(outfile)
  engine = await createEngine()
})

/** The script of a document, written as the page writes it. */
function scriptOf(document) {
  const session = engine.open(document)
  const described = session.describe()
  const { parameters } = session.result().learners[0]
  session.close()
  const names = described.learners.map(({ label }, at) => `${label} ${at}`)
  return pytorch.pytorchScript({
    described, parameters, names, title: 'A test', link: 'https://example.org/#v1=',
  })
}

/** What the script prints: of each learner, after each task, the numbers of every task. */
function run(script) {
  const file = join(folder, 'experiment.py')
  writeFileSync(file, script)
  const { status, stdout, stderr } = spawnSync(python, [file], { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: '1' } })
  assert.equal(status, 0, stderr)
  const [, ...rows] = stdout.trim().split('\n').map((line) => line.split('\t'))
  return rows.map(([, , ...numbers]) => numbers.map(Number))
}

/** The same of the engine: losses, each followed by its accuracy where there is one. */
function expected(document) {
  return engine.run(document).learners.flatMap(({ matrix }) => matrix.loss.after.map((row, end) =>
    [...row].flatMap((loss, task) => (matrix.accuracy ? [loss, matrix.accuracy.after[end][task]] : [loss]))))
}

const experiment = (changes) => ({
  version: 1,
  seed: 3,
  tasks: { kind: 'sines', points: 30, test_points: 20, tasks: 3 },
  network: { hidden: [10, 8] },
  training: { steps_per_task: 150, batch_size: 7, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  ...changes,
})
const own = { training: { l1: 1e-4, l2: 1e-3, weight_decay: 0.01, optimizer: { kind: 'sgd', learning_rate: 0.05, momentum: 0.5 } } }
const calm = { training: { optimizer: { kind: 'sgd', learning_rate: 0.05 } } } // Adam and a projection amplify rounding
const methods = {
  'training on what there is': [{ kind: 'finetune' }, { kind: 'finetune', ...own }, { kind: 'joint' }, { kind: 'cumulative' }],
  'springs': [
    { kind: 'l2', lambda: 0.1 }, { kind: 'l2', lambda: 0.1, consolidation: 'online' }, { kind: 'ewc', lambda: 3, ...own },
    { kind: 'si', c: 0.3 }, { kind: 'mas', lambda: 0.1 }, { kind: 'lwf', lambda: 0.5 },
  ],
  'Fisher informations': [
    { kind: 'ewc', lambda: 3, fisher: 'empirical', consolidation: 'online', gamma: 0.7 },
    { kind: 'ewc', lambda: 3, fisher: 'sampled', fisher_samples: 11 }, { kind: 'ewc', lambda: 30, fisher: 'batch' },
    { kind: 'ewc', lambda: 0.1, structure: 'full' },
    { kind: 'ewc', lambda: 0.1, structure: 'full', consolidation: 'online', gamma: 0.5 },
    { kind: 'ewc', lambda: 0.1, structure: 'full', fisher: 'batch' },
  ],
  'memories': [
    { kind: 'replay', memory_per_task: 9, replay_batch: 4, weight: 0.5 }, { kind: 'replay', selection: 'last', memory_per_task: 12 },
    { kind: 'gem', memory_per_task: 10, ...calm }, { kind: 'gem', margin: 0.3, epsilon: 0.01, selection: 'last', ...own },
    { kind: 'agem', memory_per_task: 10, reference_batch: 5 }, { kind: 'agem' },
  ],
}
const documents = Object.fromEntries(Object.entries(methods).flatMap(([name, list]) => [
  [`${name}, regression`, experiment({ methods: list })],
  [`${name}, classes`, experiment({
    methods: list, tasks: { kind: 'moons', points: 40, test_points: 40, tasks: 3, scenario: 'class' }, network: { hidden: [10], activation: 'softplus' },
  })],
  [`${name}, heads`, experiment({
    methods: list, tasks: { kind: 'gaussians', points: 30, test_points: 30, tasks: 3, scenario: 'task' },
    training: { epochs: 20, batch_size: 8, weight_decay: 0.01, decoupled: true, optimizer: { kind: 'sgd', learning_rate: 0.05 } },
  })],
]))
documents['one method after another'] = experiment({
  tasks: { kind: 'sines', tasks: 3, points: 30 },
  methods: [
    { kind: 'si', c: 20, before: [{ kind: 'ewc', lambda: 50, until: 250 }] },
    { kind: 'replay', memory_per_task: 8, replay_batch: 4, before: [{ kind: 'joint', until: 130 }, { kind: 'gem', until: 300 }] },
    { kind: 'joint', before: [{ kind: 'agem', memory_per_task: 8, reference_batch: 3, until: 210 }] },
  ],
})
documents['own data, altered by hand, optimizer kept'] = experiment({
  tasks: { kind: 'explicit', loss: 'mse', tasks: [0, 1].map((task) => ({
    name: `“${task}"""\n`, train: { inputs: [[task], [task + 0.5], [task + 0.7]], targets: [[1, 0.2], [0, 0.1], [0.3, -task]] },
  })) },
  network: { hidden: [6], activation: 'sigmoid' },
  training: { steps_per_task: 200, batch_size: 0, optimizer: { kind: 'adam', learning_rate: 0.02, reset_each_task: false } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 1 }],
  alterations: [{ step: 230, learner: 1, key: 'lambda', value: 20 }],
})

for (const [name, document] of Object.entries(documents)) {
  test(`the script agrees with the engine: ${name}`, { skip: !hasTorch && 'needs PyTorch' }, (t) => {
    const found = run(scriptOf(document))
    const wanted = expected(document)
    assert.equal(found.length, wanted.length)
    const distance = (a, b) => Math.max(...a.map((value, at) => Math.abs(value - b[at]) / Math.max(1, Math.abs(b[at]))))
    const apart = found.map((row, at) => distance(row, wanted[at]))
    t.diagnostic(`at most ${Math.max(...apart).toExponential(1)} apart`)
    for (const [at, far] of apart.entries()) assert.ok(far < agreement, `row ${at}: ${found[at]}, not ${wanted[at]}`)
  })
}

test('what the script cannot do it says', () => {
  const script = scriptOf(experiment({ methods: [{ kind: 'finetune' }, { kind: 'kfac' }, { kind: 'ogd' }, { kind: 'derpp' }] }))
  assert.match(script, /Not in this script.*: kfac, ogd, derpp\./)
  assert.doesNotMatch(scriptOf(experiment({ methods: [{ kind: 'gem' }] })), /Not in this script/)
})
