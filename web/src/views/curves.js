// The forgetting curves, a panel for each task.
import { html } from 'lit'
import { namesOf } from '../experiment.js'
import { titled } from '../format.js'
import { strings } from '../strings.js'
import { lossDomain } from '../plots/curve-plot.js'
import { taskKey } from './keys.js'
import { curveTable } from './tables.js'

/** @import { Lab } from '../lab.js' */

/** @param {Lab} lab */
export function curves(lab) {
  const { described, snapshot, catalogue } = lab.state
  const names = namesOf(described.experiment, catalogue)
  const labels = names.map(({ label, detail }) => {
    const unique = names.filter((other) => other.label === label).length === 1
    return unique || !detail ? titled(label) : detail
  })
  const domain = lossDomain(snapshot, described.tasks.map((_, task) => task))
  return html`<section class="curves" aria-labelledby="curves-title">
    <div class="section-head"><h2 id="curves-title">${strings.curves}</h2>
      <p>${strings.curvesNote}</p></div>
    <div class="panels">${described.tasks.map(({ name }, task) => html`<figure>
      <figcaption>${taskKey(task)}<h3>${strings.curveTitle(name)}</h3></figcaption>
      <curve-plot .described=${described} .snapshot=${snapshot} .task=${task} .names=${labels}
        .domain=${domain}></curve-plot>
    </figure>`)}</div>
    ${curveTable(lab, names)}
  </section>`
}
