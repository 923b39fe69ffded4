// The parts of the page that a figure may show, and how its address names them: "#…&embed=fits,curves".

/** What may be shown, and where it is on the page. */
export const parts = {
  story: 'main > .story', controls: '.transport, .milestone', speed: '.speed', seed: '.buttons .text',
  fits: '.fits', curves: '.curves', numbers: '.results', formula: '.formula', settings: '.settings, .main, .adder, .undo',
  inside: '.inside', tables: '.tucked', experiment: '.experiment, .own-button, own-tasks, .seeds', link: '.share',
}
export const usual = ['controls', 'fits', 'curves']

/** @param {string} fragment @returns {string[] | null} what it asks for; null where it is no figure */
export function askedFor(fragment) {
  const found = /&embed(?:=([\w,]*))?(?=&|$)/.exec(fragment)
  return found && (found[1] === undefined ? usual : found[1].split(',').filter((name) => parts[name]))
}
