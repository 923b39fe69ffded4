// What only an embedded page and the dialog that makes one need.
export { embed } from './embedded.js'
export { openEmbedDialog } from './dialog.js'
