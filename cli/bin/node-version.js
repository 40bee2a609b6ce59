/** What to say to a Node that is too old for Flux, by its version; nothing to others. Runs on any Node, however old. */
export function refusalOf(version) {
  var parts = version.split('.').map(Number)
  if (parts[0] > 20 || (parts[0] === 20 && parts[1] >= 19)) return undefined
  return 'flux: FLUX_NODE: Node ' + version + ' is too old. Use Node 20.19 or later.'
}
