// The workloads in TensorFlow.js, on its back end `cpu` or `wasm`.
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js'
import '@tensorflow/tfjs-core/dist/register_all_gradients.js'
import '@tensorflow/tfjs-backend-cpu'
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import { contend, initialLayers, multipliers, readTraining } from './shared.js'

const optimizers = {
  sgd: ({ learning_rate: rate }) => tf.train.sgd(rate),
  adam: ({ learning_rate: rate }) => tf.train.adam(rate),
}

function prepare({ widths, activation, classifies, batches, memories, optimizer: settings }) {
  const layers = initialLayers(widths).map((layer) => ({
    weights: tf.variable(tf.tensor2d(layer.weights, [layer.in, layer.out])),
    biases: tf.variable(tf.tensor1d(layer.biases)),
  }))
  const variables = layers.flatMap(({ weights, biases }) => [weights, biases])
  const optimizer = optimizers[settings.kind](settings)
  const toTensors = ({ count, inputs, answers }) => ({
    inputs: tf.tensor2d(inputs, [count, widths[0]]),
    answers: tf.tensor2d(answers, [count, widths.at(-1)]),
  })
  const data = batches.map(toTensors)
  const past = memories.map(toTensors)

  function forward(inputs) {
    const last = layers.length - 1
    return layers.reduce((x, { weights, biases }, l) => {
      const z = tf.add(tf.matMul(x, weights), biases)
      return l === last ? z : tf[activation](z)
    }, inputs)
  }
  const loss = ({ inputs, answers }) =>
    classifies ? tf.losses.softmaxCrossEntropy(answers, forward(inputs)) : tf.losses.meanSquaredError(answers, forward(inputs))

  function gradientOf(batch) {
    const { value, grads } = tf.variableGrads(() => loss(batch))
    return { value, flat: tf.concat(variables.map(({ name }) => grads[name].flatten())) }
  }

  function namedParts(flat) {
    const parts = tf.split(flat, variables.map(({ size }) => size))
    return Object.fromEntries(variables.map(({ name, shape }, i) => [name, tf.reshape(parts[i], shape)]))
  }

  /** Gradient Episodic Memory (Lopez-Paz & Ranzato 2017). */
  const projectedStep = (batch) => tf.tidy(() => {
    const constraints = tf.stack(past.map((memory) => gradientOf(memory).flat))
    const { value, flat } = gradientOf(batch)
    const gram = tf.matMul(constraints, constraints, false, true).dataSync()
    const linear = tf.matMul(constraints, flat.expandDims(1)).dataSync()
    const v = tf.tensor2d(multipliers(gram, linear), [1, past.length])
    optimizer.applyGradients(namedParts(tf.add(flat, tf.matMul(v, constraints).flatten())))
    return value
  })

  const takeStep = past.length ? projectedStep : (batch) => optimizer.minimize(() => loss(batch), true)
  let next = 0
  return {
    async step(count) {
      let value
      for (let i = 0; i < count; i++) {
        value?.dispose()
        value = takeStep(data[next++ % data.length])
      }
      const [number] = await value.data()
      value.dispose()
      return number
    },
    close() {
      tf.dispose([variables, data, past])
      optimizer.dispose()
    },
  }
}

contend(async (document, _, backend) => {
  setWasmPaths('/tfjs/')
  await tf.setBackend(backend)
  await tf.ready()
  return prepare(readTraining(document))
})
