// What the chapters on functions say, against their runs; those on classes and digits have it in their own
// files. Each claim is found in the chapter's text, so that neither changes without the other.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createEngine } from '../../dist/engine.js'

const engine = await createEngine()

/** The final losses of each learner, by task, and all that the result has of it. */
function runOf(name, changes = {}) {
  const { story, experiment } = JSON.parse(readFileSync(new URL(`../presets/${name}.json`, import.meta.url), 'utf8'))
  const { learners } = engine.run({ ...experiment, ...changes, record: { every: 1000 } })
  const ends = learners.map(({ matrix }) => matrix.loss.after.at(-1))
  const before = learners.map(({ matrix }) => matrix.loss.after[0])
  return { story: story.replace(/[\u00a0\u202f]/g, ' '), learners, ends, before }
}

const noise = 0.05 ** 2
const near = (a, b, times) => a < times * b && b < times * a
const rounded = (value) => Number(value).toPrecision(2)

/** By chapter what it says, and what has to hold for that. */
const claims = {
  'two-sines': {
    'fine-tuning loses A': ({ ends: [[a]], before: [[was]] }) => a > 20 * was,
    'L2 to the old weights saves a part of it': ({ ends: [[lost], , [kept]] }) => kept < lost / 2 && kept > lost / 10,
    'EWC most of it at some cost on B': ({ ends: [[lost, b], , , [kept, cost]] }) => kept < lost / 20 && cost > 2 * b,
    'GEM, which here keeps all hundred examples of A, ends level with joint training': ({ ends: [, joint, , , gem] }) =>
      gem.every((loss, task) => near(loss, joint[task], 1.5)),
  },
  sequential: {
    'When B begins, the loss on A jumps, and when C begins, the loss on B': ({ learners: [{ matrix: { loss: { after } } }] }) =>
      after[1][0] > 20 * after[0][0] && after[2][1] > 20 * after[1][1],
    'here its loss falls again, to some ten times what it was': ({ learners: [{ matrix: { loss: { after } } }] }) =>
      after[2][0] < after[1][0] / 2 && near(after[2][0] / after[0][0], 10, 1.4),
  },
  joint: {
    'learns both nearly down to the noise': ({ ends: [, , joint] }) => joint.every((loss) => loss < 1.4 * noise),
    'ends in the same place': ({ ends: [, cumulative, joint] }) => joint.every((loss, task) => near(loss, cumulative[task], 1.1)),
  },
  'weight-decay': {
    'the second and third panels are one run, with one digest': ({ learners: [plain, second, third] }) =>
      second.digest === third.digest && second.digest !== plain.digest,
    'A is lost more thoroughly than without them': ({ ends: [[plain], ...others] }) => others.every(([a]) => a > 5 * plain),
  },
  regularisation: {
    'its loss on new data is lower': ({ ends: [[plain], ...others] }) => others.every(([loss]) => loss < plain / 4),
    'there is too much, too': ({ ends: [, [l2], , [l1]] }) => {
      const { ends: [[moreL2], [moreL1]] } = runOf('regularisation', { methods: [{ l2: 1 }, { l1: 0.1 }].map((training) => ({ kind: 'finetune', training })) })
      return moreL2 > 2 * l2 && moreL1 > 2 * l1
    },
  },
  l2: {
    'At λ = 0.1 A slips away': ({ ends: [, [a]] }) => a > 0.1,
    'At λ = 100 B is not learned, and even so the loss on A grows tenfold': ({ ends: [, , , [a, b]], before: [[was]] }) =>
      b > 0.1 && near(a / was, 10, 1.2),
    'In between both suffer': ({ ends: [[, b], , [a, cost]], before: [[was]] }) => a > 10 * was && cost > 4 * b,
  },
  ewc: {
    'λ = 100 is too soft': ({ ends: [, [a]], before: [[was]] }) => a > 10 * was,
    'λ = 10⁶ holds A fast but learns B only roughly': ({ ends: [[, b], , , [a, cost]], before: [[was]] }) => near(a, was, 1.1) && cost > 2.5 * b,
    'λ = 5 000 is a compromise, best on the mean of both': ({ learners }) =>
      Math.min(...learners.map(({ metrics }) => metrics.average_loss)) === learners[2].metrics.average_loss,
  },
  gem: {
    'Five kept examples already hold most of A': ({ ends: [[lost], [kept]] }) => kept < lost / 10,
    'With all hundred its loss ends at 0.0054, where fine-tuning ends at 0.27; when B began it was 0.0036': ({ ends, before }) =>
      rounded(ends[3][0]) === '0.0054' && rounded(ends[0][0]) === '0.27' && rounded(before[3][0]) === '0.0036',
  },
  rehearsal: {
    'With four of them': ({ learners }) => learners[0].method.memory_per_task === 4,
    'the loss on A grows more than tenfold here': ({ ends: [[a]], before: [[was]] }) => a > 10 * was,
    'with another seed, which keeps another four, it may only double': ({ learners: [{ method }] }) => {
      const { ends: [[a]], before: [[was]] } = runOf('rehearsal', { seed: 6, methods: [method] })
      return near(a / was, 2, 1.25)
    },
    'With a hundred, all of A’s data, next to nothing is lost': ({ ends, before }) => ends[3][0] < 1.4 * before[3][0],
  },
}

for (const [name, said] of Object.entries(claims)) {
  test(`the chapter ${name} says what its run does`, () => {
    const run = runOf(name)
    for (const [claim, holds] of Object.entries(said)) {
      assert.ok(run.story.includes(claim), `it does not say “${claim}”`)
      assert.ok(holds(run), `“${claim}”: ${JSON.stringify(run.ends)}, after the first task ${JSON.stringify(run.before)}`)
    }
  })
}
