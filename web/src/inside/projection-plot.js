// What GEM does to a gradient, in the plane of g and g̃: the two as arrows, and the half-planes in
// which no kept task's loss rises.
import { html, svg } from 'lit'
import { round } from '../marks.js'
import { Plot } from '../plots/plot.js'
import { clipped, planeOf } from './plane.js'

const reach = 1.25 // of the picture, in ‖g‖
const square = [[-reach, -reach], [reach, -reach], [reach, reach], [-reach, reach]]

export class ProjectionPlot extends Plot {
  static properties = { projection: { attribute: false }, label: { attribute: false } }

  render() {
    const { width, label } = this
    if (!width) return html`<div class="plot-space tall"></div>`
    const { g, projected, constraints } = planeOf(this.projection)
    const size = Math.min(width, 320)
    const place = ([x, y]) => [round((size / 2) * (1 + x / reach)), round((size / 2) * (1 - y / reach))]
    const path = (points) => `M${points.map((point) => place(point).join(',')).join('L')}`
    const allowed = constraints.reduce(clipped, square)
    const arrow = ([x, y], name, text) => {
      const [tipX, tipY] = place([x, y])
      const head = [0.86, 0.86].map((along, side) => [along * x + (side ? 1 : -1) * 0.05 * y, along * y - (side ? 1 : -1) * 0.05 * x])
      return svg`<path class="arrow ${name}" d="${path([[0, 0], [x, y]])}${path([head[0], [x, y], head[1]])}" />
        <text class="tag" x=${tipX + (x < 0 ? -8 : 8)} y=${tipY + (name ? -8 : 16)} text-anchor="middle">${text}</text>`
    }
    return html`<svg width=${size} height=${size} viewBox="0 0 ${size} ${size}" role="img" aria-label=${label}>
      <rect class="frame" width=${size} height=${size} />
      ${allowed.length ? svg`<path class="allowed" d="${path(allowed)}z" />` : ''}
      ${constraints.map(({ along, across, active }) => {
        const scale = (1.7 * reach) / Math.hypot(along, across)
        return svg`<path class="border ${active ? 'active' : ''}" clip-path="url(#${this.id_})"
          d=${path([[-across * scale, along * scale], [across * scale, -along * scale]])} />`
      })}
      <clipPath id=${this.id_}><path d="M0,0H${size}V${size}H0z" /></clipPath>
      ${arrow(g, 'raw', 'g')}${arrow(projected, '', 'g̃')}
    </svg>`
  }
}

customElements.define('projection-plot', ProjectionPlot)
