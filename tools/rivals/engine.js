// This engine by its public interface, in a page.
import { contend } from './shared.js'

contend(async (document, begin) => {
  const { createEngine } = await import('/dist/engine.js')
  const session = (await createEngine()).open(document)
  session.step(begin)
  return { step: (count) => session.step(count), close: () => session.close() }
})
