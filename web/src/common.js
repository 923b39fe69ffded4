// What the parts that are loaded on demand share with the page. They import it all, so that it is one
// file, and not one for every pair that shares something.
import 'lit/directive.js'
import 'lit/directive-helpers.js'
import './experiment.js'
import './link.js'
import './plots/curve-plot.js'
import './presets.js'
import './views/share.js'
import './shares.js'
import './views/tables.js'
