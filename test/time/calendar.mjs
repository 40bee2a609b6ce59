// Puts a process into another time: loaded before Flux, it is what the clock of that machine says.
const { STARTS_AT } = process.env
if (STARTS_AT) {
  const real = Date.now
  const shift = Date.parse(STARTS_AT) - real()
  Date.now = () => real() + shift
}
