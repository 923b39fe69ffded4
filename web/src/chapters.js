// What the chapters hold, but for the first; loaded when one of them is opened, or a link.
import sequential from '../presets/sequential.json'
import joint from '../presets/joint.json'
import weightDecay from '../presets/weight-decay.json'
import regularisation from '../presets/regularisation.json'
import l2 from '../presets/l2.json'
import ewc from '../presets/ewc.json'
import gem from '../presets/gem.json'
import rehearsal from '../presets/rehearsal.json'
import domains from '../presets/domains.json'
import permutedDigits from '../presets/permuted-digits.json'
import rotatedDigits from '../presets/rotated-digits.json'
import splitDigits from '../presets/split-digits.json'

export const chapters = [
  sequential, joint, weightDecay, regularisation, l2, ewc, gem, rehearsal, domains,
  permutedDigits, rotatedDigits, splitDigits,
]
