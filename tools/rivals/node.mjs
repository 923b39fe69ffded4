// This engine by its public interface, in Node. Lines in, lines out, as tools/bench.cpp has them.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { createEngine } from '../../dist/engine.js'

const engine = await createEngine()
let session
for await (const line of createInterface({ input: process.stdin })) {
  const [command, first, second] = line.split(' ')
  if (command === 'prepare') {
    session?.close()
    session = engine.open(JSON.parse(readFileSync(first, 'utf8')))
    session.step(Number(second))
    console.log('ready')
  } else {
    const start = performance.now()
    session.step(Number(first))
    console.log(((performance.now() - start) * 1000) / Number(first))
  }
}
