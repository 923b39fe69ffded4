// The public interface of the WebAssembly engine, appended to Emscripten's module (which names its
// factory createModule). Documents are plain objects; results hold typed arrays.

const DEEPEST = 32

// What the bindings take: plain objects and lists, and lists of numbers as Float64Array.
function toEngine(value, depth = 0) {
  if (depth > DEEPEST) throw new Error(`the document: must not be nested more than ${DEEPEST} levels deep`)
  if (ArrayBuffer.isView(value)) return Float64Array.from(value)
  if (Array.isArray(value)) {
    return value.length > 0 && value.every((element) => typeof element === 'number')
      ? Float64Array.from(value)
      : value.map((element) => toEngine(element, depth + 1))
  }
  if (value === null || typeof value !== 'object') return typeof value === 'function' ? null : value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toEngine(member, depth + 1)]))
}

// A document that JSON.stringify writes as it was read: lists in place of typed arrays.
function toDocument(value) {
  if (ArrayBuffer.isView(value)) return Array.from(value)
  if (Array.isArray(value)) return value.map(toDocument)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toDocument(member)]))
}

function answerOf({ faults, answer }) {
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return answer
}

class Session {
  #open

  constructor(session) {
    this.#open = session
  }

  get #session() {
    if (!this.#open) throw new Error('the session is closed')
    return this.#open
  }

  step(count) {
    return this.#session.step(count)
  }

  // Changes a live parameter of one learner now; returns [] or the faults.
  alter(learner, key, value) {
    return this.#session.alter(learner, key, toEngine(value))
  }

  // What does not change while it runs: the filled-in document, the data, the boundaries.
  describe() {
    const facts = this.#session.describe()
    return { ...facts, experiment: toDocument(facts.experiment) }
  }

  snapshot() {
    return this.#session.snapshot()
  }

  result() {
    const result = this.#session.result()
    result.experiment = toDocument(result.experiment)
    for (const learner of result.learners) learner.method = toDocument(learner.method)
    return result
  }

  close() {
    this.#open?.delete()
    this.#open = null
  }
}

class Engine {
  #module

  constructor(module) {
    this.#module = module
  }

  catalogue() {
    return toDocument(this.#module.catalogue())
  }

  // [] or a list of faults.
  check(document) {
    return this.#module.check(toEngine(document))
  }

  // Throws one Error with all the faults.
  open(document) {
    const session = new this.#module.Session(toEngine(document))
    const faults = session.faults()
    if (faults.length === 0) return new Session(session)
    session.delete()
    throw new Error(faults.join('\n'))
  }

  run(document) {
    const session = this.open(document)
    while (session.step(1000) > 0);
    const result = session.result()
    session.close()
    return result
  }

  // The digest of a run from those of its learners in their order, for hosts that train them apart.
  digest(learners) {
    return this.#module.digest(learners)
  }

  project(problem) {
    return answerOf(this.#module.project(toEngine(problem)))
  }

  // What a λ of another code base is here, and back: { from, to, method, value, … }.
  lambda(question) {
    return answerOf(this.#module.lambda(toEngine(question)))
  }
}

export async function createEngine() {
  return new Engine(await createModule())
}
