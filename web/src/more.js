// All that is opened later, in one: its parts share more than they differ, and weigh a tenth less so.
import './inside/panel.js'
import './views/own-tasks.js'

export { Studies } from './studies.js'
export { take } from './takeaway/takeaway.js'
