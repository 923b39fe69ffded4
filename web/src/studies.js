// What is made of whole runs, by the names of `strings.studies`.
import './common.js'
export { matrix } from './views/matrix.js'
