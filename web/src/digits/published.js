// A paper's table beside this run's: the figures are those that `palimpsest reproduce` compares with.
// What is taken of them by name is what the bundle holds.
import { parts as permutations, source as permutationsSource } from '../../../src/reproductions/gem-permutations.json'
import { parts as rotations, source as rotationsSource } from '../../../src/reproductions/gem-rotations.json'
import { parts as splits, source as splitsSource } from '../../../src/reproductions/split-mnist.json'
import { digitStrings as words } from '../strings.js?digits'

/** @import { Lab } from '../lab.js' */

const tables = [[permutations, permutationsSource], [rotations, rotationsSource], [splits, splitsSource]]

/** The part of a published table whose tasks are of the same kind. */
function partFor({ kind, inputs, scenario }) {
  for (const [parts, source] of tables) {
    const part = parts.find(({ experiment: { tasks } }) => tasks.kind === kind &&
      (tasks.scenario ?? scenario) === scenario && (tasks.inputs ?? 'shared') === (inputs ?? 'shared'))
    if (part) return { ...part, source }
  }
  return null
}

/** In as many decimals as papers print. */
const figure = (value) => (value === undefined ? '–' : `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(3)}`)

/** A method's own settings in the paper where this run has others: "memory per task 256". */
function otherSettings(theirs, shared, ours, { methods, optimizers }, formatParameter) {
  const entry = methods.find(({ kind }) => kind === theirs.kind)
  const own = entry.parameters.filter(({ key }) => key in theirs && theirs[key] !== ours[key])
    .map((parameter) => [parameter, theirs[parameter.key]])
  const [a, b] = [theirs.training?.optimizer ?? shared.theirs, ours.training?.optimizer ?? shared.ours]
  const optimizer = optimizers.find(({ kind }) => kind === a.kind)
  const rate = optimizer.parameters.find(({ key }) => key === 'learning_rate')
  if (a.kind !== b.kind) own.push([optimizer, a.learning_rate])
  else if (a.learning_rate !== b.learning_rate) own.push([rate, a.learning_rate])
  return own.map(([of, value]) => `${of.symbol || of.label} ${formatParameter(of, value)}`).join(', ')
}

/** @param {Lab} lab @param {{name: string}[]} names */
export function published({ html, nothing, strings, titled, formatCount, formatParameter }, lab, names) {
  const { described, snapshot, catalogue } = lab.state
  const { tasks, methods, training } = described.experiment
  const part = partFor(tasks)
  if (!part) return nothing
  const { experiment: theirs, rows, source } = part
  const shared = { theirs: theirs.training.optimizer, ours: training.optimizer }
  const own = methods.map((method, at) => {
    const row = theirs.methods.findIndex(({ kind }) => kind === method.kind)
    return { name: names[at].name, at, row: rows[row],
      other: row < 0 ? '' : otherSettings(theirs.methods[row], shared, method, catalogue, formatParameter) }
  })
  const transfer = rows.some(({ published }) => 'backward_transfer' in published)
  const T = tasks.tasks
  const cells = ({ at, row }) => {
    const ours = snapshot.learners[at].metrics
    return html`<td>${figure(row?.published.accuracy)}</td><td>${figure(ours?.average_accuracy)}</td>
      ${transfer ? html`<td>${figure(row?.published.backward_transfer)}</td>
        <td>${figure(ours ? (ours.backward_transfer * (T - 1)) / T : undefined)}</td>` : nothing}`
  }
  const columns = html`<th scope="col">${words.paper}</th><th scope="col">${words.here}</th>`
  return html`<section class="results wide" aria-labelledby="published-title">
    <h2 id="published-title">${words.published}</h2>
    <p>${words.publishedNote({
      source, theirTasks: theirs.tasks.tasks, ourTasks: T,
      theirTraining: theirs.tasks.points && formatCount(theirs.tasks.points),
      ourTraining: formatCount(described.tasks[0].train.count), ourTest: formatCount(described.tasks[0].test.count),
      theirSizes: theirs.network.hidden, ourSizes: described.experiment.network.hidden,
    })} ${transfer ? words.transferNote : nothing}</p>
    <div class="scroller" role="region" tabindex="0" aria-label=${words.publishedTable}><table class="published">
      <thead><tr><td></td><th scope="colgroup" colspan="2">${words.accuracy}</th>
        ${transfer ? html`<th scope="colgroup" colspan="2">${words.transfer}</th>` : nothing}<td></td></tr>
        <tr><th scope="col">${strings.learner}</th>${columns}${transfer ? columns : nothing}<th scope="col">${words.otherSettings}</th></tr></thead>
      <tbody>${own.map((each) => html`<tr><th scope="row">${titled(each.name)}${
        each.row && each.row.method.toLowerCase() !== each.name.toLowerCase() ? html` <small>(${each.row.method})</small>` : nothing}</th>${cells(each)}<td>${each.row ? each.other || words.same : strings.none}</td></tr>`)}
      </tbody></table></div>
  </section>`
}
