// Play, pause, forward, reset, speed, and where the training stands.
import { html, nothing, svg } from 'lit'
import { formatCount } from '../format.js'
import { speeds } from '../lab.js'
import { round, taskClass } from '../marks.js'
import { happeningNow, milestonesOf } from '../milestones.js'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

const icons = {
  undo: 'M8.5,3.2v3.4c5,0.2 8,3 8.3,9.2c-2,-3.2 -4.3,-4.2 -8.3,-4.2v3.6l-6,-6z',
  redo: 'M11.5,3.2v3.4c-5,0.2 -8,3 -8.3,9.2c2,-3.2 4.3,-4.2 8.3,-4.2v3.6l6,-6z',
  play: 'M5,3.2v13.6l11.5,-6.8z',
  pause: 'M5,3.5h3.6v13h-3.6zM11.4,3.5h3.6v13h-3.6z',
  step: 'M4,3.5v13l8.5,-6.5zM13.6,3.5h2.6v13h-2.6z',
  reset: 'M10,3.6a6.4,6.4 0 1 1 -6.1,4.4l2,.6a4.3,4.3 0 1 0 4.1,-2.9v2.6l-4.6,-3.6l4.6,-3.6z',
}

const icon = (name) => html`<svg class="icon" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
  <path d=${icons[name]} /></svg>`

/** The whole training as a bar, a stretch a task, filled up to now. */
function timeline({ described, live: snapshot, replaying }) {
  const step = replaying ?? snapshot.step
  const share = (at) => round((1000 * at) / described.steps)
  const parts = described.tasks.map((_, task) => {
    const from = share(task ? described.boundaries[task - 1] : 0)
    const to = share(described.boundaries[task])
    const now = Math.min(to, Math.max(from, share(step)))
    return svg`<rect class="ahead ${taskClass(task)}" x=${from} y="0" width=${to - from} height="8" />
      <rect class="done ${taskClass(task)}" x=${from} y="0" width=${now - from} height="8" />`
  })
  const names = described.tasks.map(({ name }, task) => html`<span
    class="${taskClass(task)} ${task === snapshot.task && !snapshot.finished ? 'current' : ''}">${name}</span>`)
  return html`<div class="timeline" role="progressbar" aria-label=${strings.progress} aria-valuemin="0"
      aria-valuemax=${described.steps} aria-valuenow=${step}>
    <svg width="100%" height="8" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
    <div class="timeline-names" aria-hidden="true">${names}</div></div>`
}

/** Moves through the moments that were recorded; the arrow keys go from one to the next. */
function scrubber(lab) {
  const { described, snapshot, live, seeking } = lab.state
  const at = seeking ?? snapshot.step
  const keys = {
    ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10 * lab.stride, PageUp: 10 * lab.stride, Home: -at, End: live.step - at,
  }
  const press = (event) => {
    if (!(event.key in keys) || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    if (keys[event.key]) lab.rewind(Math.max(0, at + keys[event.key]))
  }
  const move = ({ target }) => {
    lab.rewind(target.valueAsNumber)
    target.value = lab.state.seeking ?? lab.state.snapshot.step // the nearest that was recorded
  }
  return html`<input type="range" class="scrubber" min="0" max=${described.steps} step="1" .value=${String(at)}
    aria-label=${strings.moment} aria-valuetext=${strings.stepOf(formatCount(at), formatCount(described.steps))}
    @keydown=${press} @input=${move}>`
}

function status(lab) {
  const { described, snapshot, reducedMotion, playing, quiet, seeking, replaying } = lab.state
  if (seeking !== null) return strings.lookingBack
  if (replaying !== null) return strings.replaying
  if (lab.rewound) return strings.rewound
  if (quiet) return strings.reducedRunning
  if (snapshot.finished) return reducedMotion ? strings.reducedDone : strings.finished
  if (!playing && snapshot.step === 0) return strings.notStarted
  return (playing ? strings.nowTraining : strings.pausedAt)(described.tasks[snapshot.task].name)
}

/** What has happened, which is announced as well, and in its place what is happening. */
function caption(lab) {
  const { described, snapshot, catalogue, playing, seeking, replaying, milestones } = lab.state
  const rests = seeking !== null || (lab.rewound && !playing && replaying === null)
  const now = rests ? '' : happeningNow(snapshot, described, catalogue, playing)
  const happened = lab.rewound ? milestonesOf(null, snapshot, described, catalogue) : milestones
  return html`<p class="milestone wide"><span class=${now ? 'hidden' : ''} aria-live="polite">${
    rests ? strings.rewoundNote : happened.at(-1) ?? strings.beginning}</span>${now}</p>`
}

/** @param {Lab} lab */
export function transport(lab) {
  const { state } = lab
  const { described, snapshot, playing, speed, canUndo, canRedo, replaying } = state
  const playName = playing ? strings.pause : snapshot.finished ? strings.replay : strings.play
  return html`<section class="transport wide" aria-label=${strings.transport}>
    <div class="buttons">
      <button type="button" class="primary" title=${playName} aria-label=${playName}
        @click=${() => (playing ? lab.pause() : lab.play())}>${icon(playing ? 'pause' : 'play')}</button>
      <button type="button" title=${strings.stepForward(lab.stride)} aria-label=${strings.stepForward(lab.stride)}
        ?disabled=${snapshot.finished} @click=${() => lab.step()}>${icon('step')}</button>
      <button type="button" title=${strings.resetHelp} aria-label=${strings.reset}
        @click=${() => lab.reset()}>${icon('reset')}</button>
      <button type="button" class="text" title=${strings.newSeedHelp} @click=${() => lab.newSeed()}>${strings.newSeed}</button>
    </div>
    <div class="buttons undo">
      <button type="button" title=${strings.undoHelp} aria-label=${strings.undo} aria-disabled=${!canUndo}
        @click=${() => lab.undo()}>${icon('undo')}</button>
      <button type="button" title=${strings.redoHelp} aria-label=${strings.redo} aria-disabled=${!canRedo}
        @click=${() => lab.redo()}>${icon('redo')}</button>
    </div>
    <div class="progress">
      <p class="where"><span>${status(lab)}</span>
        ${lab.rewound && replaying === null ? html`<button type="button" class="small" @click=${() => lab.now()}>${strings.now}</button>` : nothing}
        <span class="count">${strings.stepOf(formatCount(lab.state.seeking ?? snapshot.step), formatCount(described.steps))}</span></p>
      <div class="time">${timeline(state)}${scrubber(lab)}</div>
    </div>
    <label class="speed">${strings.speed}
      <input type="range" min="0" max=${speeds.length - 1} step="1" .value=${String(speed)}
        aria-valuetext=${strings.speedNames[speed]} @input=${(event) => lab.setSpeed(Number(event.target.value))}>
      <output>${strings.speeds[speed]}</output></label>
  </section>
  ${caption(lab)}`
}
