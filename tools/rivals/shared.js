// What the contenders in JavaScript share: the experiment's document, read as batches, and the
// projection's quadratic program.

export async function read(address) {
  return (await fetch(address)).json()
}

const flat = (rows) => Float32Array.from(rows.flat())

function answersOf({ targets, labels }, outputs) {
  if (targets) return flat(targets)
  return flat(labels.map((label) => Array.from({ length: outputs }, (_, k) => Number(k === label))))
}

function part({ inputs, targets, labels }, begin, end) {
  return { inputs: inputs.slice(begin, end), targets: targets?.slice(begin, end), labels: labels?.slice(begin, end) }
}

/** Networks in plain terms: widths, activation, whether it classifies, the last task's batches, the memories. */
export function readTraining({ tasks, network, training, methods }) {
  const classifies = tasks.loss === 'cross_entropy'
  const last = tasks.tasks.at(-1).train
  const outputs = classifies ? 10 : last.targets[0].length
  const block = (examples) => ({
    count: examples.inputs.length,
    inputs: flat(examples.inputs),
    answers: answersOf(examples, outputs), // labels as one-hot rows
  })
  const size = training.batch_size
  const batches = []
  for (let i = 0; i + size <= last.inputs.length; i += size) batches.push(block(part(last, i, i + size)))
  const [{ memory_per_task: kept }] = methods
  const memories = kept ? tasks.tasks.slice(0, -1).map(({ train }) => block(part(train, 0, kept))) : []
  const widths = [last.inputs[0].length, ...network.hidden, outputs]
  return { widths, activation: network.activation, classifies, batches, memories, optimizer: training.optimizer }
}

/** Uniform in ±1/√in, in and out. */
export function initialLayers(widths) {
  return widths.slice(1).map((out, l) => {
    const size = widths[l]
    const draw = (count) => Float32Array.from({ length: count }, () => (2 * Math.random() - 1) / Math.sqrt(size))
    return { in: size, out, weights: draw(size * out), biases: draw(out) }
  })
}

/** A v = b for a small positive definite A, by elimination. */
function solve(a, b) {
  const rows = a.map((row, i) => [...row, b[i]])
  const n = b.length
  for (let k = 0; k < n; k++) {
    for (let i = k + 1; i < n; i++) {
      const factor = rows[i][k] / rows[k][k]
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j]
    }
  }
  const v = new Array(n).fill(0)
  for (let k = n - 1; k >= 0; k--) {
    v[k] = rows[k].slice(k + 1, n).reduce((sum, x, j) => sum - x * v[k + 1 + j], rows[k][n]) / rows[k][k]
  }
  return v
}

/** min ½vᵀHv + cᵀv with v ≥ 0, by block pivoting. gram: n × n, row by row. */
export function multipliers(gram, linear) {
  const n = linear.length
  let free = Array.from(linear, (c) => c < 0)
  for (let turn = 0; turn < 50; turn++) {
    const on = [...free.keys()].filter((i) => free[i])
    const part = solve(on.map((i) => on.map((j) => gram[i * n + j])), on.map((i) => -linear[i]))
    const v = new Float32Array(n)
    on.forEach((i, k) => (v[i] = part[k]))
    const next = free.map((is, i) => (is ? v[i] >= 0 : on.reduce((sum, j) => sum + gram[i * n + j] * v[j], linear[i]) < 0))
    if (next.every((is, i) => is === free[i])) return v
    free = next
  }
  return new Float32Array(n)
}

/** Makes `contender`, which the tool talks to: prepare(address, begin), time(steps) in µs a step, and the last loss. */
export function contend(prepareWorkload) {
  let workload
  globalThis.contender = {
    async prepare(address, begin, option) {
      workload?.close?.()
      workload = await prepareWorkload(await read(address), begin, option)
    },
    async time(steps) {
      const start = performance.now()
      this.loss = await workload.step(steps)
      return ((performance.now() - start) * 1000) / steps
    },
  }
}
