// The engine as JavaScript sees it: dist/engine.js, and the native program beside it.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createEngine } from '../../dist/engine.js'
import { loadLambda } from '../../dist/lambda.js'
import { merge, sort } from '../../src/streams.mjs'

const engine = await createEngine()
const pack = readFileSync(new URL('../../dist/digits.pack', import.meta.url))
engine.data('pack', pack)
const presetFolder = new URL('../presets/', import.meta.url)
const presets = readdirSync(presetFolder).filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, presetFolder), 'utf8')))

const small = (changes = {}) => ({
  version: 1,
  seed: 3,
  tasks: { kind: 'sines', points: 30 },
  network: { hidden: [8] },
  training: { steps_per_task: 60, batch_size: 8, optimizer: { kind: 'adam', learning_rate: 0.01 } },
  methods: [{ kind: 'finetune' }, { kind: 'ewc', lambda: 10 }, { kind: 'gem', memory_per_task: 5 }],
  record: { every: 10 },
  ...changes,
})

/** Grows with every step. */
const diverging = { kind: 'finetune', training: { optimizer: { kind: 'sgd', learning_rate: 10 } } }

const program = fileURLToPath(new URL('../../build/native/palimpsest', import.meta.url))
const data = fileURLToPath(new URL('../../build/data', import.meta.url))
const native = (command, document) => {
  const options = { input: JSON.stringify(document), maxBuffer: 1e9, stdio: ['pipe', 'pipe', 'pipe'] }
  const folder = command === 'run' ? ['--data', data] : []
  return JSON.parse(execFileSync(program, [command, '-', ...folder], options).toString())
}

const finished = (document) => {
  const session = engine.open(document)
  while (session.step(1000) > 0);
  return session
}

/** Lists in place of typed arrays, null in place of what JSON cannot write. */
const plain = (value) => JSON.parse(JSON.stringify(value, (_, part) => (ArrayBuffer.isView(part) ? [...part] : part)))

const typedArrays = (value, found = []) => {
  if (ArrayBuffer.isView(value)) found.push(value)
  else if (value && typeof value === 'object') for (const part of Object.values(value)) typedArrays(part, found)
  return found
}

test('digits need their pack, whole, and under its name', async () => {
  const bare = await createEngine()
  const document = small({ tasks: { kind: 'split_digits', points: 20 } })
  assert.equal(bare.check(document).length, 1)
  assert.match(bare.check(document)[0], /^tasks\.data: must be a data set that was given, not "pack"; .*engine\.data/)
  assert.throws(() => bare.data('pack', pack.subarray(0, -1)), /^Error: pack: is damaged: of its \d+ bytes some are missing/)
  assert.throws(() => bare.data('pack', new Uint8Array(9)), /^Error: pack: is no pack of images/)
  assert.throws(() => bare.data('mnist', pack), /^Error: the data set: must be "pack", not "mnist"/)
  bare.data('pack', pack.buffer.slice(pack.byteOffset, pack.byteOffset + pack.length)) // an ArrayBuffer
  assert.deepEqual(bare.check(document), [])
  assert.equal(bare.run(document).digest, native('run', document).digest)
})
test('digits show samples, and what the network says of them', () => {
  const session = engine.open(small({ tasks: { kind: 'split_digits', points: 20 } }))
  const { image_side: side, tasks, outputs } = session.describe()
  assert.equal(side, 28)
  assert.equal(tasks.length, 5)
  assert.ok(tasks.every(({ samples }) => samples.inputs.length === 10 * side * side && samples.labels.length === 10))
  while (session.step(1000) > 0);
  const { now, ends } = session.snapshot().learners[0].samples
  assert.equal(now.length, 5 * 10 * outputs)
  assert.equal(ends.length, 5)
  session.close()
})
test('the catalogue describes every parameter', () => {
  const catalogue = engine.catalogue()
  assert.equal(catalogue.version, 1)
  const kinds = (list) => catalogue[list].map(({ kind }) => kind)
  for (const kind of ['finetune', 'joint', 'cumulative', 'l2', 'ewc', 'gem', 'replay']) assert.ok(kinds('methods').includes(kind))
  for (const kind of ['tanh', 'relu', 'sigmoid', 'softplus', 'identity']) assert.ok(kinds('activations').includes(kind))
  assert.deepEqual(kinds('optimizers').sort(), ['adam', 'sgd'])
  assert.ok(kinds('tasks').includes('sines') && kinds('tasks').includes('explicit') && kinds('tasks').length >= 6)
  const entries = ['methods', 'tasks', 'activations', 'optimizers'].flatMap((list) => catalogue[list])
  for (const { kind, label, help, parameters } of entries) {
    assert.ok(label && help && Array.isArray(parameters), kind)
  }
  const parameters = [...entries.flatMap((entry) => entry.parameters),
    ...['network', 'training', 'record', 'experiment'].flatMap((section) => catalogue[section])]
  for (const parameter of parameters) {
    const { key, label, help, type, scale, live, choices, minimum, maximum } = parameter
    assert.ok(key && label && help, JSON.stringify(parameter))
    assert.ok(['number', 'integer', 'boolean', 'choice', 'integers'].includes(type), key)
    assert.equal(typeof live, 'boolean')
    assert.ok('default' in parameter && 'symbol' in parameter && 'when' in parameter, key)
    if (type === 'choice') assert.ok(choices.length > 1 && choices.every((choice) => choice.label), key)
    if (type === 'number' || type === 'integer') {
      assert.ok(minimum < maximum && ['linear', 'log'].includes(scale), key)
    }
  }
})

test('the catalogue is the native program’s', () => {
  const own = JSON.parse(execFileSync(program, ['catalogue']).toString())
  assert.deepEqual(plain(engine.catalogue()), own)
})

test('check finds nothing in a valid document and every fault in another', () => {
  assert.deepEqual(engine.check(small()), [])
  const faults = engine.check(small({ seed: 'x', bad: 1, methods: [{ kind: 'ewc', lambda: -1 }, { kind: 'nope' }] }))
  assert.equal(faults.length, 4)
  for (const start of ['seed: ', 'bad: ', 'methods[0].lambda: ', 'methods[1].kind: ']) {
    assert.ok(faults.some((fault) => fault.startsWith(start)), start)
  }
})

test('check takes anything for a document without breaking', () => {
  const nested = {}
  let inner = nested
  for (let depth = 0; depth < 20; depth++) inner = inner.tasks = {}
  for (const document of [null, undefined, 5, 'x', true, [], [1], {}, () => {}, nested, new Float64Array(3)]) {
    assert.ok(engine.check(document).length > 0)
  }
  assert.deepEqual(engine.check(small()), [])
})

test('open throws one Error with all the faults', () => {
  const document = small({ seed: -1, methods: [{ kind: 'ewc', lambda: -1 }] })
  assert.throws(() => engine.open(document), (error) => {
    assert.ok(error instanceof Error)
    assert.deepEqual(error.message.split('\n'), engine.check(document))
    return true
  })
})

test('describe fills in every default, and its document gives the same run', () => {
  const session = engine.open(small())
  const described = session.describe()
  session.close()
  assert.equal(described.steps, 120)
  assert.deepEqual([...described.boundaries], [60, 120])
  assert.deepEqual(described.learners.map(({ kind }) => kind), ['finetune', 'ewc', 'gem'])
  assert.equal(described.tasks[0].train.count, 30)
  assert.equal(described.tasks[0].train.inputs.length, 30)
  assert.equal(described.parameters, 25)
  assert.equal(described.experiment.methods[1].fisher, 'exact')
  const text = JSON.stringify(described.experiment)
  assert.equal(engine.run(JSON.parse(text)).digest, engine.run(small()).digest)
})

test('step does at most what it is asked for and says how many it did', () => {
  const session = engine.open(small())
  assert.equal(session.step(50), 50)
  assert.equal(session.snapshot().step, 50)
  assert.equal(session.snapshot().task, 0)
  assert.equal(session.step(1000), 70)
  assert.equal(session.step(1000), 0)
  assert.equal(session.step(-5), 0)
  assert.equal(session.snapshot().finished, true)
  session.close()
})

test('one step at a time is the same run as all at once', () => {
  const session = engine.open(small())
  while (session.step(1) > 0) session.snapshot()
  assert.equal(session.result().digest, engine.run(small()).digest)
  session.close()
})

test('a learner’s result does not depend on who learns beside it', () => {
  const together = engine.run(small())
  for (const [index, method] of small().methods.entries()) {
    const alone = engine.run(small({ methods: [method] }))
    assert.equal(alone.learners[0].digest, together.learners[index].digest, method.kind)
  }
})

test('the seed decides the run', () => {
  assert.equal(engine.run(small()).digest, engine.run(small()).digest)
  assert.notEqual(engine.run(small({ seed: 4 })).digest, engine.run(small()).digest)
  assert.match(engine.run(small()).digest, /^[0-9a-f]{16}$/)
})

test('the snapshot grows with the run', () => {
  const session = engine.open(small())
  session.step(30)
  const early = session.snapshot()
  assert.equal(early.learners.length, 3)
  assert.deepEqual([...early.learners[0].curves.step], [0, 10, 20, 30])
  assert.equal(early.learners[0].curves.loss.length, 2)
  assert.equal(early.learners[0].fit.ends.length, 0)
  assert.equal(early.learners[0].fit.now.length, session.describe().grid.x.length)
  session.step(1000)
  const late = session.snapshot()
  assert.equal(late.learners[0].status, 'finished')
  assert.ok(late.learners[0].fit.ends.length >= 1)
  assert.notDeepEqual([...late.learners[0].fit.now], [...early.learners[0].fit.now])
  assert.ok(Number.isFinite(late.learners[0].metrics.forgetting))
  assert.equal(late.digest, session.result().digest)
  session.close()
})

test('numbers are copies: they outlive the growth of the memory and the session', () => {
  const session = engine.open(small())
  session.step(30)
  const parts = [session.describe(), session.snapshot(), session.result()]
  const arrays = parts.flatMap((part) => typedArrays(part))
  const before = arrays.map((array) => [...array])
  assert.ok(arrays.length > 20)
  for (const array of arrays) array.fill(7)
  assert.deepEqual(plain(session.describe().tasks[0].train.inputs), before[arrays.indexOf(typedArrays(parts[0].tasks[0].train.inputs)[0])])
  for (const [index, array] of arrays.entries()) array.set(before[index])
  session.step(1000)
  const wide = small({ network: { hidden: [700, 700, 700] }, methods: Array(4).fill({ kind: 'finetune' }) })
  const large = engine.open(wide) // more than the memory's first 16 MiB
  large.step(1)
  session.close()
  for (const [index, array] of arrays.entries()) assert.deepEqual([...array], before[index])
  large.close()
})

test('result is the document’s output', () => {
  const result = engine.run(small())
  assert.equal(result.version, 1)
  assert.deepEqual(engine.check(result.experiment), [])
  for (const learner of result.learners) {
    assert.equal(learner.status, 'finished')
    assert.equal(learner.matrix.loss.after.length, 2)
    assert.equal(learner.matrix.loss.initial.length, 2)
    assert.equal(learner.parameters.length, 25)
    assert.equal(learner.curves.step.at(-1), 120)
    for (const name of ['average_loss', 'backward_transfer', 'forgetting']) {
      assert.ok(Number.isFinite(learner.metrics[name]), name)
    }
  }
})

test('alter changes a live parameter now, and the document replays it', () => {
  const session = engine.open(small())
  session.step(80)
  assert.deepEqual(session.alter(1, 'lambda', 3), [])
  session.step(1000)
  const result = session.result()
  assert.equal(session.snapshot().learners[1].altered_at, 80)
  assert.equal(session.snapshot().learners[0].altered_at, null)
  session.close()
  assert.deepEqual(result.experiment.alterations, [{ step: 80, learner: 1, key: 'lambda', value: 3 }])
  const unaltered = engine.run(small())
  assert.notEqual(result.digest, unaltered.digest)
  assert.equal(result.learners[0].digest, unaltered.learners[0].digest)
  const replayed = engine.run(JSON.parse(JSON.stringify(result.experiment)))
  assert.equal(replayed.digest, result.digest)
})

test('alter refuses what cannot be altered, and the run is as it was', () => {
  const session = engine.open(small())
  session.step(80)
  for (const [learner, key, value] of [[0, 'lambda', 1], [1, 'lambda', -3], [1, 'fisher', 'empirical'],
    [1, 'lambda', 'x'], [9, 'lambda', 1], [1, 'nothing', 1]]) {
    assert.equal(session.alter(learner, key, value).length, 1, `${learner} ${key} ${value}`)
  }
  session.step(1000)
  assert.equal(session.result().digest, engine.run(small()).digest)
  session.close()
})

test('a learner that diverges says when, and the others go on', () => {
  const session = finished(small({ methods: [{ kind: 'finetune' }, diverging, { kind: 'ewc', lambda: 10 }] }))
  const { learners } = session.snapshot()
  assert.deepEqual(learners.map(({ status }) => status), ['finished', 'diverged', 'finished'])
  assert.ok(learners[1].diverged_at > 0)
  assert.equal(learners[0].digest, engine.run(small({ methods: [{ kind: 'finetune' }] })).learners[0].digest)
  session.close()
})

test('many sessions, opened and closed, leave the memory as it was', () => {
  for (let round = 0; round < 200; round++) {
    const session = engine.open(small({ network: { hidden: [128, 128] }, training: { steps_per_task: 1 } }))
    session.step(2)
    session.close()
  }
  const one = engine.open(small())
  const other = engine.open(small({ seed: 8 }))
  while (one.step(7) + other.step(11) > 0);
  assert.equal(one.result().digest, engine.run(small()).digest)
  assert.equal(other.result().digest, engine.run(small({ seed: 8 })).digest)
  one.close()
  other.close()
})

test('project solves GEM’s problem', () => {
  const answer = engine.project({ gradient: [1, 0], constraints: [[-1, 1]] })
  assert.deepEqual([...answer.projected], [0.5, 0.5])
  assert.deepEqual([...answer.multipliers], [0.5])
  assert.deepEqual(answer.active, [true])
  assert.equal(answer.status, 'optimal')
  assert.ok(answer.kkt_residual <= 1e-12)
  assert.throws(() => engine.project({ gradient: [1, 0], constraints: [[1, 2, 3]] }), /^Error: constraints\[0\]: /)
})

test('project is the native program’s, bit for bit', () => {
  const problem = {
    gradient: [0.3, -1.2, 0.7, 2.5], margin: 0.1, epsilon: 1e-3,
    constraints: [[-1, 0.5, 0.25, -2], [2, 1, -1, -0.125], [-2, 1, 0.5, -4]],
  }
  assert.deepEqual(plain(engine.project(problem)), native('project', problem))
})

test('a λ of another code base is converted as by the native program', async () => {
  const lambda = await loadLambda()
  const native = (...given) => JSON.parse(execFileSync(program, ['lambda', ...given], { encoding: 'utf8' }))
  const answer = lambda({ from: 'gem', method: 'ewc', value: 3 })
  assert.deepEqual([answer.result, answer.here], [6, { kind: 'ewc', lambda: 6, fisher: 'batch', consolidation: 'separate' }])
  assert.deepEqual(answer, native('--from', 'gem', '--method', 'ewc', '3'))
  assert.deepEqual(lambda({ to: 'avalanche', method: 'si', value: 0.5 }), native('--to', 'avalanche', '--method', 'si', '0.5'))
  assert.throws(() => lambda({ from: 'nobody', method: 'ewc', value: 3 }), /^Error: from: /)
})

for (const { name, experiment } of presets) {
  test(`the preset ${name} is valid, and shortened the same run natively`, () => {
    assert.deepEqual(engine.check(experiment), [])
    const { epochs, ...training } = experiment.training
    const short = { ...experiment, training: { ...training, steps_per_task: epochs ? 20 : 200 } }
    assert.equal(engine.run(short).digest, native('run', short).digest)
  })
}

test('the default experiment, whole, is the same run natively', () => {
  const { experiment } = presets.find(({ name }) => name === 'two-sines')
  assert.equal(engine.run(experiment).digest, native('run', experiment).digest)
})

const variations = {
  'classes': {
    tasks: { kind: 'explicit', loss: 'cross_entropy', tasks: [0, 1].map((task) => ({
      name: 'AB'[task],
      train: { inputs: [[0, task], [1, 0.5], [-1, 0.25], [0.5, -1]], labels: [0, 1, 2, task] },
      test: { inputs: [[0.1, 0.2], [0.9, 0.1]], labels: [0, 1] },
    })) },
    methods: [{ kind: 'finetune' }, { kind: 'ewc' }, { kind: 'ewc', fisher: 'empirical' }, { kind: 'gem' }],
  },
  'epochs, momentum and penalties': {
    network: { hidden: [9, 5], activation: 'softplus' },
    training: { epochs: 7, batch_size: 8, l1: 1e-4, l2: 1e-3, optimizer: { kind: 'sgd', learning_rate: 0.02, momentum: 0.9 } },
  },
  'one consolidated penalty': {
    tasks: { kind: 'sines', tasks: 4, points: 20 },
    methods: [{ kind: 'l2', lambda: 0.1, consolidation: 'online' }, { kind: 'ewc', lambda: 5, consolidation: 'online', gamma: 0.5 }],
  },
  'a gradient of almost nothing': {
    training: { steps_per_task: 50, batch_size: 0, weight_decay: 0.1, decoupled: true, optimizer: { kind: 'adam', learning_rate: 1e-6 } },
  },
}
for (const [name, changes] of Object.entries(variations)) {
  test(`the same run natively: ${name}`, () => {
    const document = small(changes)
    assert.equal(engine.run(document).digest, native('run', document).digest)
  })
}
for (const activation of engine.catalogue().activations.map(({ kind }) => kind)) {
  test(`the same run natively: ${activation}`, () => {
    const document = small({ network: { hidden: [16, 16], activation } })
    assert.equal(engine.run(document).digest, native('run', document).digest)
  })
}
for (const kind of engine.catalogue().tasks.map((entry) => entry.kind).filter((kind) => kind !== 'explicit')) {
  test(`the same run natively: ${kind}`, () => {
    const document = small({ tasks: { kind } })
    assert.equal(engine.run(document).digest, native('run', document).digest)
  })
}

test('code sorted for compression is the same code again, but for its hints of alignment', async () => {
  // By hand, as the specification has it: f(0) returns 100 by a table of branches; f of another number
  // adds what it keeps in memory to the second lane of a vector.
  const module = (hint) => {
    const body = [1, 1, 0x7b, // one local, v128
      0x02, 0x40, 0x02, 0x40, 0x20, 0, 0x0e, 1, 0, 1, 0x0b, 0x41, 0xe4, 0, 0x0f, 0x0b,
      0x44, 0, 0, 0, 0, 0, 0, 4, 0x40, 0x1a, 0x43, 0, 0, 0x0b, 0x0b, 0x1a, // constants with an `end` in them
      0x41, 0, 0x41, 7, 0x36, hint, 0x80, 1, // stored at 128
      0xfd, 12, 1, 0, 0, 0, 30, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 0x21, 1, 0x20, 1, 0xfd, 27, 1,
      0x41, 0, 0x28, hint, 0x80, 1, 0x6a,
      0x41, 0, 0x41, 0, 0x41, 4, 0xfc, 11, 0, 0x0b]
    return Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 3, 2, 1, 0,
      5, 3, 1, 0, 1, 7, 5, 1, 1, 0x66, 0, 0, 10, body.length + 2, 1, body.length, ...body])
  }
  const merged = merge(sort(module(2)))
  assert.deepEqual(merged, module(0))
  for (const bytes of [module(2), merged]) {
    const { instance } = await WebAssembly.instantiate(bytes)
    assert.deepEqual([0, 1, 5].map(instance.exports.f), [100, 37, 37])
  }
})
