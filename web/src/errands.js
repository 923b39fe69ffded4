// What a worker does in the background, loaded with the first of it. An errand stops every few
// milliseconds, so that what the page shows goes first, and returns its answer at the end.

/** @typedef {{engine: object, Training: Function, ms: number}} Tools */

/** Trains up to a step, unless the run ends before. */
function* advance(training, to, ms) {
  while (training.position < to && training.advance(to, ms)) yield
}

/** A whole run of one learner. */
export function* train({ document }, /** @type {Tools} */ { engine, Training, ms }) {
  if (engine.check(document).length) return null
  const session = engine.open(document)
  try {
    yield* advance(new Training(session), Infinity, ms)
    const [{ status, curves, metrics }] = session.result().learners
    return { status, curves, metrics }
  } finally {
    session.close()
  }
}

/** One learner's parameters after each of these steps, and its curves. */
export function* path({ document, steps }, /** @type {Tools} */ { engine, Training, ms }) {
  const session = engine.open(document)
  try {
    const training = new Training(session)
    const parameters = []
    for (const step of steps) {
      yield* advance(training, step, ms)
      parameters.push(session.result().learners[0].parameters)
    }
    const [{ status, curves }] = session.result().learners
    return { status, curves, parameters }
  } finally {
    session.close()
  }
}

/** The losses of these tasks at origin + x·across + y·up, for each of the places [x, y]. */
export function* losses({ document, tasks, plane: { origin, across, up }, places }, /** @type {Tools} */ { engine, ms }) {
  const session = engine.open(document)
  try {
    const found = []
    let until = performance.now() + ms
    for (const [x, y] of places) {
      const parameters = origin.map((value, at) => value + x * across[at] + y * up[at])
      found.push(tasks.map((task) => session.loss(task, parameters)))
      if (performance.now() < until) continue
      yield
      until = performance.now() + ms
    }
    return found
  } finally {
    session.close()
  }
}
