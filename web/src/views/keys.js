// The mark of a task and the line of a learner, for titles, legends and tables.
import { html } from 'lit'
import { markPath, methodClass, taskClass } from '../marks.js'

export const lineKey = (index) => html`<svg class="key ${methodClass(index)}" width="26" height="10"
  viewBox="0 0 26 10" aria-hidden="true"><path class="curve ${methodClass(index)}" d="M1,5H25" /></svg>`

export const taskKey = (task) => html`<svg class="key ${taskClass(task)}" width="12" height="12"
  viewBox="-6 -6 12 12" aria-hidden="true"><path class="mark ${taskClass(task)}" d=${markPath(task)} /></svg>`
