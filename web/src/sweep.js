// The strength of a method tried from weak to strong: which values, which runs, what they come to.
import { applies, entryOf, valueOf } from './experiment.js'
import { aloneWith, spreadOf } from './whole-runs.js'

const values = 13 // half a decade apart
const seeds = 3

/** The parameter that says how strong a method is: it may be changed while it trains, on a log scale. */
export function strengthOf(method, catalogue) {
  const parameters = entryOf(catalogue.methods, method.kind)?.parameters ?? []
  return parameters.find((parameter) => parameter.live && parameter.scale === 'log' && parameter.default > 0 &&
    applies(parameter, method, parameters))
}

/** Three decades to each side of a method's strength, as far as its range goes. */
export function gridAround(method, parameter) {
  const middle = Math.round(2 * Math.log10(valueOf(method, parameter) || parameter.default))
  return Array.from({ length: values }, (_, at) => Number((10 ** ((middle + at - (values - 1) / 2) / 2)).toPrecision(2)))
    .filter((value) => value >= parameter.minimum && value <= parameter.maximum)
}

/** Every seed of every value and of the one in use: first one seed of them all, from all parts of the range. */
export function runsOf({ learner, parameter, grid }, document) {
  const inUse = valueOf(document.methods[learner], parameter)
  const all = [...new Set([...grid, ...(inUse > 0 ? [inUse] : [])])]
  const mixed = [0, 1, 2, 3].flatMap((first) => all.filter((_, at) => at % 4 === first))
  return Array.from({ length: seeds }, (_, at) => {
    const alone = aloneWith(document, learner, document.seed + at)
    return mixed.map((value) => ({
      value, document: { ...alone, methods: [{ ...alone.methods[0], [parameter.key]: value }] },
    }))
  }).flat()
}

/** Fine-tuning and joint training with the same seeds, to compare with. */
export const referencesOf = ({ learner }, document) => ['finetune', 'joint'].flatMap((kind) => Array.from({ length: seeds }, (_, at) => {
  const alone = aloneWith(document, learner, document.seed + at)
  const { training } = alone.methods[0]
  return { value: kind, document: { ...alone, methods: [{ kind, ...(training ? { training } : {}) }] } }
}))

/** Of a run's end, the mean loss on all tasks but the last, and the loss on the last. */
function endOf({ curves: { loss } }) {
  const ends = loss.map((values) => values.at(-1))
  const fresh = ends.pop()
  return [ends.reduce((sum, value) => sum + value, 0) / ends.length, fresh]
}

/** By strength, or by the kind of a reference. @param {{value: number | string, result: object | null}[]} done  runs that have ended */
export function pointsOf(done) {
  const finished = done.filter(({ result }) => result?.status === 'finished')
  const all = [...new Set(finished.map(({ value }) => value))].sort((a, b) => a - b)
  return all.map((value) => {
    const runs = finished.filter((run) => run.value === value).map(({ result }) => endOf(result))
    return { value, runs, old: spreadOf(runs.map(([old]) => old)), fresh: spreadOf(runs.map(([, fresh]) => fresh)) }
  })
}
