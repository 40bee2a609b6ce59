// The table: which scenarios there are, and when and where the production of each runs.

/** Files below `scenarios/`, by production. `startsAt` is what the clock on the wall says at its start. */
export const PRODUCTIONS = [
  {
    zone: 'UTC',
    files: [
      'races',
      'hedges',
      'backoff',
      'intervals',
      'signals',
      'sockets',
      'streams',
      'clocks',
      'expiry',
      'realms',
      'changed',
      'endless',
    ],
  },
  { zone: 'Europe/Berlin', startsAt: '2026-10-25T00:59:58.000Z', files: ['autumn'] },
  { zone: 'Europe/Berlin', startsAt: '2027-03-28T00:59:58.000Z', files: ['spring'] },
  { zone: 'America/New_York', startsAt: '2027-01-01T04:59:58.000Z', files: ['year-end'] },
]

/** What is known not to hold, and why: it is run and told of, and decides nothing. */
export const LIMITS = {
  timerBeatsScrypt: 'a replay waits for native work, so a timer never wins against it',
  nativeBesideAnswers: 'native work has no place among the recorded completions',
}

/** Loads the scenarios of some files: `name`, `file`, `run` and, for a changed program, `change`. */
export async function loadScenarios(files) {
  const scenarios = []
  for (const file of files) {
    const module = await import(new URL(`scenarios/${file}.mjs`, import.meta.url).href)
    for (const [name, given] of Object.entries(module)) {
      if (typeof given === 'function') scenarios.push({ name, file, run: given })
      else if (given.before) scenarios.push({ name, file, run: given.before, change: given })
    }
  }
  return scenarios
}
