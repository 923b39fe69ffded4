// What a λ of another code base is here, and back: an ES module without dependencies, as engine.js is.
import packed from 'palimpsest:wasm'
import { answerOf, compile, instantiate } from './exchange.js'

/** @returns {Promise<(question: object) => object>} of { from, to, method, value, … }; it throws one Error with all the faults */
export async function loadLambda() {
  const module = await instantiate(await compile(packed))
  return (question) => answerOf(module.ask(question).value('lambda'))
}
