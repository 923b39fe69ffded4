// The workloads in jax-js, jitted, on its WebAssembly back end.
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad } from '@jax-js/jax'
import { contend, initialLayers, multipliers, readTraining } from './shared.js'

const activations = { tanh: np.tanh, relu: nn.relu }

// Every use of an array but the last goes through .ref: functions take what they are given.
const optimizers = {
  sgd: ({ learning_rate: rate }) => ({
    start: () => [],
    update: (parameters, gradients, state) => [tree.map((p, g) => p.sub(g.mul(rate)), parameters, gradients), state],
  }),
  adam: ({ learning_rate: rate }) => ({
    start: (parameters) => ({
      m: tree.map((p) => np.zeros(p.shape), parameters),
      v: tree.map((p) => np.zeros(p.shape), parameters),
      powers: np.array([1, 1]),
    }),
    update(parameters, gradients, { m, v, powers }) {
      const now = powers.mul(np.array([0.9, 0.999]))
      const [power1, power2] = [now.ref.slice(0), now.ref.slice(1)]
      const step = np.sqrt(np.subtract(1, power2)).mul(rate).div(np.subtract(1, power1))
      const m1 = tree.map((a, g) => a.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradients))
      const v1 = tree.map((a, g) => a.mul(0.999).add(g.ref.mul(g).mul(0.001)), v, gradients)
      const moved = tree.map((p, a, b) => p.sub(a.mul(step.ref).div(np.sqrt(b).add(1e-8))), parameters, tree.ref(m1), tree.ref(v1))
      step.dispose()
      return [moved, { m: m1, v: v1, powers: now }]
    },
  }),
}

function prepare({ widths, activation, classifies, batches, memories, optimizer: settings }) {
  const activate = activations[activation]
  const optimizer = optimizers[settings.kind](settings)
  let parameters = initialLayers(widths).map((layer) => ({
    weights: np.array(layer.weights).reshape([layer.in, layer.out]),
    biases: np.array(layer.biases),
  }))
  let state = optimizer.start(parameters)
  const toArrays = ({ count, inputs, answers }) => ({
    inputs: np.array(inputs).reshape([count, widths[0]]),
    answers: np.array(answers).reshape([count, widths.at(-1)]),
  })
  const data = batches.map(toArrays)
  const past = memories.map(toArrays)

  function loss(layers, inputs, answers) {
    const last = layers.length - 1
    const outputs = layers.reduce((x, { weights, biases }, l) => {
      const z = np.matmul(x, weights).add(biases)
      return l === last ? z : activate(z)
    }, inputs)
    if (!classifies) return np.square(outputs.sub(answers)).mean()
    return nn.logSoftmax(outputs).mul(answers).sum(-1).mean().neg()
  }

  const trainStep = jit((layers, memory, inputs, answers) => {
    const [value, gradients] = valueAndGrad(loss)(tree.ref(layers), inputs, answers)
    const [moved, next] = optimizer.update(layers, gradients, memory)
    return [moved, next, value]
  })

  // Gradient Episodic Memory (Lopez-Paz & Ranzato 2017), with plain SGD.
  const flatGradient = jit((layers, inputs, answers) => {
    const [value, gradients] = valueAndGrad(loss)(layers, inputs, answers)
    return [value, np.concatenate(gradients.flatMap(({ weights, biases }) => [weights.ravel(), biases]))]
  })
  const products = jit((constraints, flat) => [
    np.matmul(constraints.ref, np.matrixTranspose(constraints.ref)), np.matmul(constraints, flat)])
  const move = jit((layers, constraints, flat, v) => {
    const projected = flat.add(np.matmul(v, constraints))
    let begin = 0
    const take = (array) => {
      const end = begin + array.size
      const part = projected.ref.slice([begin, end]).reshape(array.shape)
      begin = end
      return array.sub(part.mul(settings.learning_rate))
    }
    const moved = layers.map(({ weights, biases }) => ({ weights: take(weights), biases: take(biases) }))
    projected.dispose()
    return moved
  })

  function projectedStep({ inputs, answers }) {
    const rows = past.map((memory) => {
      const [value, flat] = flatGradient(tree.ref(parameters), memory.inputs.ref, memory.answers.ref)
      value.dispose()
      return flat
    })
    const constraints = np.stack(rows)
    const [value, flat] = flatGradient(tree.ref(parameters), inputs.ref, answers.ref)
    const [gram, linear] = products(constraints.ref, flat.ref)
    const v = np.array(multipliers(gram.dataSync(), linear.dataSync()))
    parameters = move(parameters, constraints, flat, v)
    return value
  }

  function plainStep({ inputs, answers }) {
    let value
    ;[parameters, state, value] = trainStep(parameters, state, inputs.ref, answers.ref)
    return value
  }

  const takeStep = past.length ? projectedStep : plainStep
  let next = 0
  return {
    async step(count) {
      let value
      for (let i = 0; i < count; i++) {
        value?.dispose()
        value = takeStep(data[next++ % data.length])
        await value.blockUntilReady() // as its manual advises: steps that pile up take many times longer
      }
      return (await value.data())[0]
    },
    close() {
      tree.dispose([parameters, state, data, past])
    },
  }
}

contend(async (document) => {
  await init('wasm')
  defaultDevice('wasm')
  return prepare(readTraining(document))
})
