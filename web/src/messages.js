// What the page and its workers say to each other. `id` pairs a request with its reply; `run` names
// one opening of an experiment, so that what arrives late for an earlier one is dropped.

/** @typedef {Record<string, any>} Document  an experiment document */
/** @typedef {Record<string, any>} Catalogue  engine.catalogue() */
/** @typedef {Record<string, any>} Description  session.describe() */
/** @typedef {Record<string, any>} Snapshot  session.snapshot() */
/** @typedef {Record<string, any>} Moment  a snapshot without what the latest has as well, see past.js */

/**
 * To a worker:
 * @typedef {{type: 'begin', module?: WebAssembly.Module}} Begin  the first message
 * @typedef {{type: 'check', id: number, document: Document}} Check
 * @typedef {{type: 'open', id: number, run: number, document: Document}} Open
 *   a document without faults; closes the session before it
 * @typedef {{type: 'close'}} Close  not needed by this experiment
 * @typedef {{type: 'advance', run: number, to: number, show: boolean}} Advance
 *   trains up to this step, after the rounds before; show: with a snapshot
 * @typedef {{type: 'alter', id: number, run: number, learner: number, key: string, value: any}} Alter
 *   learner: of the worker's own
 * @typedef {{type: 'rewind', id: number, run: number, at: number, recorded: Float64Array, most?: number}} Rewind
 *   at: one of the recorded steps, which are all up to the last round; after the rounds before.
 *   most: units of a layer, where the insides are wanted
 * @typedef {{type: 'inside', id: number, run: number, learner: number, most: number}} Look
 *   most: units of a layer
 * @typedef {{type: 'images', id: number, bytes: Uint8Array}} Images  digits.pack, once and for all runs
 * @typedef {{type: 'digest', id: number, digests: string[]}} AskDigest  the learners', in order
 * @typedef {{type: 'result', id: number}} AskResult  after the rounds before
 * @typedef {{type: 'start', id: number, document: Document}} AskStart
 * @typedef {{type: 'errand', id: number, kind: 'train' | 'path' | 'losses'} & Record<string, any>} Errand
 *   one of errands.js, with what it is given; in the background, while nothing else is to be done
 * @typedef {{type: 'drop'}} Drop  the errand in the background
 * @typedef {{type: 'hold', held: boolean}} Hold  lets it wait
 * @typedef {Begin | Errand | Drop | Hold | Check | Open | Close | Advance | Alter | Images | Rewind | Look | AskDigest | AskResult | AskStart} Request
 */

/**
 * From a worker:
 * @typedef {{type: 'compiled', module: WebAssembly.Module}} Compiled  for the workers after it
 * @typedef {{type: 'ready', catalogue: Catalogue}} Ready
 * @typedef {{type: 'failed', message: string}} Failed  the engine cannot start, or broke
 * @typedef {{type: 'checked', id: number, faults: string[]}} Checked
 * @typedef {{type: 'opened', id: number, described: Description, snapshot: Snapshot}} Opened
 * @typedef {{type: 'altered', id: number, faults: string[], experiment: Document | null}} Altered
 *   experiment: the worker's document with this alteration in it
 * @typedef {{type: 'reached', run: number, to: number, ms: number, steps: number,
 *   snapshot: Snapshot | null, snapshotMs: number}} Reached
 *   ms: what its `steps` steps took
 * @typedef {{type: 'rewound', id: number, moment: Moment, inside: object[]}} Rewound
 *   inside: session.inside() of every learner, where it was wanted
 * @typedef {{type: 'looked', id: number, inside: object | null}} Looked  session.inside()
 * @typedef {{type: 'given', id: number, fault: string}} Given  fault: of the bytes, or ''
 * @typedef {{type: 'digested', id: number, digest: string}} Digested
 * @typedef {{type: 'resulted', id: number, result: object}} Resulted  session.result()
 * @typedef {{type: 'began', id: number, parameters: Float32Array}} Began  the network's first parameters
 * @typedef {{type: 'done', id: number, dropped?: boolean, answer?: any}} Done  what the errand returned
 * @typedef {Compiled | Done | Ready | Failed | Checked | Opened | Altered | Reached | Given | Rewound | Looked | Digested | Resulted | Began} Report
 */

export {}
