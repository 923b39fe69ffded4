// What is made of whole runs, by the names of `strings.studies`.
export { matrix } from './views/matrix.js'
