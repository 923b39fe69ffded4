// What the page and the worker say to each other. `id` pairs a request with its reply; `run` names
// one opening of a session, so that what arrives late for an earlier one is dropped.

/** @typedef {Record<string, any>} Document  an experiment document */
/** @typedef {Record<string, any>} Catalogue  engine.catalogue() */
/** @typedef {Record<string, any>} Description  session.describe() */
/** @typedef {Record<string, any>} Snapshot  session.snapshot() */

/**
 * To the worker:
 * @typedef {{type: 'check', id: number, document: Document}} Check
 * @typedef {{type: 'open', id: number, run: number, document: Document}} Open
 *   closes the session before it, once the document has been accepted
 * @typedef {{type: 'play', run: number, rate: number, quiet: boolean}} Play
 *   rate: steps a second, Infinity for as fast as it can; quiet: a frame at the end only
 * @typedef {{type: 'pause'}} Pause
 * @typedef {{type: 'step', run: number, count: number}} Step
 * @typedef {{type: 'acknowledge', run: number}} Acknowledge  the frame is drawn, send the next
 * @typedef {{type: 'alter', id: number, run: number, learner: number, key: string, value: any}} Alter
 * @typedef {Check | Open | Play | Pause | Step | Acknowledge | Alter} Request
 */

/**
 * From the worker:
 * @typedef {{type: 'ready', catalogue: Catalogue}} Ready
 * @typedef {{type: 'failed', message: string}} Failed  the engine cannot start, or broke
 * @typedef {{type: 'checked', id: number, faults: string[]}} Checked
 * @typedef {{type: 'opened', id: number, described: Description, snapshot: Snapshot}} Opened
 * @typedef {{type: 'refused', id: number, faults: string[]}} Refused
 * @typedef {{type: 'altered', id: number, faults: string[], experiment: Document | null}} Altered
 *   experiment: the document with this alteration in it
 * @typedef {{type: 'frame', run: number, snapshot: Snapshot}} Frame
 *   one in flight: the next is sent after `acknowledge`
 * @typedef {Ready | Failed | Checked | Opened | Refused | Altered | Frame} Report
 */

export {}
