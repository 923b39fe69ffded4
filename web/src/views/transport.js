// Play, pause, forward, reset, speed, and where the training stands.
import { html, svg } from 'lit'
import { formatCount } from '../format.js'
import { speeds } from '../lab.js'
import { round, taskClass } from '../marks.js'
import { strings } from '../strings.js'

/** @import { Lab } from '../lab.js' */

const icons = {
  play: 'M5,3.2v13.6l11.5,-6.8z',
  pause: 'M5,3.5h3.6v13h-3.6zM11.4,3.5h3.6v13h-3.6z',
  step: 'M4,3.5v13l8.5,-6.5zM13.6,3.5h2.6v13h-2.6z',
  reset: 'M10,3.6a6.4,6.4 0 1 1 -6.1,4.4l2,.6a4.3,4.3 0 1 0 4.1,-2.9v2.6l-4.6,-3.6l4.6,-3.6z',
}

const icon = (name) => html`<svg class="icon" width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
  <path d=${icons[name]} /></svg>`

/** The whole training as a bar, a stretch a task, filled up to now. */
function timeline({ described, snapshot }) {
  const share = (step) => round((1000 * step) / described.steps)
  const parts = described.tasks.map((_, task) => {
    const from = share(task ? described.boundaries[task - 1] : 0)
    const to = share(described.boundaries[task])
    const now = Math.min(to, Math.max(from, share(snapshot.step)))
    return svg`<rect class="ahead ${taskClass(task)}" x=${from} y="0" width=${to - from} height="8" />
      <rect class="done ${taskClass(task)}" x=${from} y="0" width=${now - from} height="8" />`
  })
  const names = described.tasks.map(({ name }, task) => html`<span
    class="${taskClass(task)} ${task === snapshot.task && !snapshot.finished ? 'current' : ''}">${name}</span>`)
  return html`<div class="timeline" role="progressbar" aria-label=${strings.progress} aria-valuemin="0"
      aria-valuemax=${described.steps} aria-valuenow=${snapshot.step}>
    <svg width="100%" height="8" viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>
    <div class="timeline-names" aria-hidden="true">${names}</div></div>`
}

function status(state) {
  const { described, snapshot, reducedMotion, playing, quiet } = state
  if (quiet) return strings.reducedRunning
  if (snapshot.finished) return reducedMotion ? strings.reducedDone : strings.finished
  if (!playing && snapshot.step === 0) return strings.notStarted
  return strings.nowTraining(described.tasks[snapshot.task].name)
}

/** @param {Lab} lab */
export function transport(lab) {
  const { state } = lab
  const { described, snapshot, playing, speed, milestones } = state
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
    <div class="progress">
      <p class="where"><span>${status(state)}</span>
        <span class="count">${strings.stepOf(formatCount(snapshot.step), formatCount(described.steps))}</span></p>
      ${timeline(state)}
    </div>
    <label class="speed">${strings.speed}
      <input type="range" min="0" max=${speeds.length - 1} step="1" .value=${String(speed)}
        aria-valuetext=${strings.speedNames[speed]} @input=${(event) => lab.setSpeed(Number(event.target.value))}>
      <output>${strings.speeds[speed]}</output></label>
  </section>
  <p class="milestone wide" aria-live="polite">${milestones.length ? milestones.slice(-2).join(' ') : strings.beginning}</p>`
}
