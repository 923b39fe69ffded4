// Task marks: every task has a colour and a shape, so that colour is never alone. The shapes go round
// in five and the colours one place further each time, so that 25 tasks differ; tasks that turn, where
// they are more than a few, have the colours of a ramp instead, in their order. One path holds every point.

const shapes = [
  (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  (x, y, r) => `M${x},${y - 1.25 * r}l${1.2 * r},${2.1 * r}h${-2.4 * r}z`,
  (x, y, r) => `M${x - 0.9 * r},${y - 0.9 * r}h${1.8 * r}v${1.8 * r}h${-1.8 * r}z`,
  (x, y, r) => `M${x},${y - 1.35 * r}l${1.1 * r},${1.35 * r}l${-1.1 * r},${1.35 * r}l${-1.1 * r},${-1.35 * r}z`,
  (x, y, r) => {
    const [a, b] = [round(0.42 * r), round(0.8 * r)]
    return `M${x - a},${y - a}v${-b}h${2 * a}v${b}h${b}v${2 * a}h${-b}v${b}h${-2 * a}v${-b}h${-b}v${-2 * a}z`
  },
]
const colours = 5 // of tasks, in the style sheet
const few = 4 // tasks, beyond which the colours of those that turn are a ramp
let ramp = false // whether they are now

/** @param {number} task @param {[number, number][]} points in pixels @param {number} radius */
export const marksPath = (task, points, radius) =>
  points.map(([x, y]) => shapes[task % shapes.length](round(x), round(y), radius)).join('')

/** One mark around the origin, for legends. */
export const markPath = (task, radius = 4) => marksPath(task, [[0, 0]], radius)

export const round = (x) => Math.round(x * 10) / 10

/** How many task and method classes the style sheet has. */
export const taskClass = (task) => `task-${ramp ? task : (task + Math.floor(task / shapes.length)) % colours}`
export const methodClass = (learner) => `method-${learner}`

const dashes = ['none', '6 3', '2 2.5', '9 3 2 3', '4 2', '10 4', '1.5 3.5']

/** The hue, in the style sheet, and the dash of every kind of method: kin have a hue together. */
const looks = {
  finetune: [0, 0], joint: [1, 1], cumulative: [1, 2], l2: [2, 2], ewc: [3, 3], kfac: [3, 5],
  gem: [4, 0], agem: [4, 4], ogd: [4, 5], replay: [5, 4], derpp: [5, 5], si: [6, 1], mas: [6, 6],
}
const otherLook = [7, 5]
const shades = 4 // of a hue
const shadings = ['ink 22', 'ink 22', 'ink 22', 'ink 22', 'paper 8', 'paper 12', 'ink 22', 'ink 22'] // towards what, % a shade

/**
 * The colour and dash of each learner, the same in every chapter: by its kind, and where several
 * share a hue or a kind by another shade and dash.
 * @param {string[]} kinds @returns {{hue: number, shade: number, dash: string}[]}
 */
export function looksOf(kinds) {
  return kinds.map((kind, at) => {
    const [hue, dash] = looks[kind] ?? otherLook
    const before = kinds.slice(0, at)
    const sameHue = before.filter((other) => (looks[other] ?? otherLook)[0] === hue).length
    const sameKind = before.filter((other) => other === kind).length
    return { hue, shade: sameHue % shades, dash: dashes[(dash + sameKind) % dashes.length] }
  })
}

const sheet = globalThis.document && new CSSStyleSheet() // of what follows from the run on the page
globalThis.document?.adoptedStyleSheets.push(sheet)

/** Each task's colour on the way from one end of the ramp to the other, and that of its name, which is darker. */
const rampRules = (tasks) => tasks.map((_, at) => `.task-${at} { --mark: color-mix(in oklab, var(--ramp-0), var(--ramp-1) ${(100 * at) / (tasks.length - 1)}%);
  --word: color-mix(in oklab, var(--mark), var(--ink) 40%) }`)

const methodRules = (kinds) => looksOf(kinds).map(({ hue, shade, dash }, at) => {
  const [towards, percent] = shadings[hue].split(' ')
  return `.${methodClass(at)} { --own: color-mix(in oklab, var(--hue-${hue}), var(--${towards}) ${percent * shade}%); --dash: ${dash} }`
})

/** Gives the classes of methods and tasks their looks. @param {{learners: {kind: string}[], tasks?: object[], experiment?: object}} described */
export function dress({ learners, tasks, experiment }) {
  const { rotation, angle } = experiment?.tasks ?? {}
  ramp = tasks?.length > few && Boolean(rotation || angle)
  sheet.replaceSync([...methodRules(learners.map(({ kind }) => kind)), ...(ramp ? rampRules(tasks) : [])].join('\n'))
}
