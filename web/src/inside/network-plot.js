// A network as columns of units and a line for each weight: thick where the spring on it is stiff,
// coloured where it pulls. Lines that look alike are one path, so that a frame is a few elements.
import { html, svg } from 'lit'
import { round } from '../marks.js'
import { Plot } from '../plots/plot.js'
import { strings } from '../strings.js'

const widths = [0.35, 0.8, 1.6, 2.8, 4.5] // px, by level
const unitGap = 36 // px between units
const radius = 5.5

/** How a spring is drawn; also in the legend. */
export const springClass = (pull) =>
  `spring ${pull > 0 ? 'up' : pull < 0 ? 'down' : ''} pull-${Math.abs(pull)}`
export const springWidth = (level) => widths[level]

export class NetworkPlot extends Plot {
  static properties = {
    units: { attribute: false }, // by column: the places of those drawn
    sizes: { attribute: false }, // of the columns, all units counted
    model: { attribute: false }, // springsOf
    label: { attribute: false },
  }

  get #frame() {
    const { width, units } = this
    const tallest = Math.max(...units.map((column) => column.length))
    const margin = { top: 14, side: 36, bottom: 42 }
    const height = Math.max(90, tallest * unitGap) + margin.top + margin.bottom
    const inner = height - margin.top - margin.bottom
    const x = (column) => round(margin.side + (column * (width - 2 * margin.side)) / (units.length - 1))
    const y = (column, at) => round(margin.top + ((at + 0.5) * inner) / units[column].length)
    return { width, height, x, y }
  }

  /** The lines of each look, the faint ones first; a bias is the ring around its unit. */
  #lines({ x, y }) {
    const looks = new Map()
    for (const { layer, from, to, width, pull } of this.model.springs) {
      const [toX, toY] = [x(layer + 1), y(layer + 1, to)]
      const path = from === null
        ? `M${toX - radius},${toY}a${radius},${radius} 0 1,0 ${2 * radius},0a${radius},${radius} 0 1,0 ${-2 * radius},0`
        : `M${x(layer)},${y(layer, from)}L${toX},${toY}`
      const key = `${from === null ? 1 : 0}${width}${Math.abs(pull)}${pull < 0 ? 0 : 1}`
      const look = looks.get(key)
      if (look) look.paths.push(path)
      else looks.set(key, { width, pull, ring: from === null, paths: [path] })
    }
    return [...looks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { width, pull, ring, paths }]) => svg`
      <path class="${springClass(pull)} ${ring ? 'ring' : ''}" stroke-width=${widths[width]} d=${paths.join('')} />`)
  }

  render() {
    const { width, units, sizes, label } = this
    if (!width) return html`<div class="plot-space tall"></div>`
    const frame = this.#frame
    const { height, x, y } = frame
    const last = units.length - 1
    return html`<svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" role="img" aria-label=${label}>
      ${this.#lines(frame)}
      ${units[0].map((_, at) => svg`<circle class="unit" cx=${x(0)} cy=${y(0, at)} r=${radius} />`)}
      ${units.map((column, at) => svg`<text class="axis-name" text-anchor="middle"
        x=${x(at)} y=${height - 26}>${strings.column(at, last)}<tspan x=${x(at)} dy="15">${strings.unitsDrawn(column.length, sizes[at])}</tspan></text>`)}
    </svg>`
  }
}

customElements.define('network-plot', NetworkPlot)
