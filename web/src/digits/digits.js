// What the page has for digits, loaded when an experiment is of them. The views get what they need of
// the rest of the page as `page`, so that nothing else has to be cut up for it.
export { fetchPack, packPanel } from './pack.js'
export { published } from './published.js'
export { samples, samplesLegend, samplesTable } from './samples.js'
