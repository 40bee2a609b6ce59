import { boundaries, disown, Execution, type Installation, install, type Realm, runtime } from 'flux-capture/internal'
import { type Fixture, FluxError, looseSignature, match, strictSignature } from 'flux-fixtures'
import type { Miss } from './asked.ts'
import { applyLocale } from './clock/locale.ts'
import { Quiet } from './clock/quiet.ts'
import { VirtualTime } from './clock/time.ts'
import { VirtualTimers } from './clock/timers.ts'
import { Exits } from './exits.ts'
import { deliverable, encoded, recordedVariable, sign } from './fixture-value.ts'
import { Floor } from './floor.ts'
import { keepFunctionNames } from './frame-names.ts'
import { Draws, Reads } from './instants.ts'
import { Uncaught } from './uncaught.ts'

const nextTurn = setImmediate
disown(import.meta.url)
const answering = boundaries.filter(({ answersNothing }) => !answersNothing)

/** What a program meets in a replay, from its first import on. */
export interface Machine {
  readonly fixture: Fixture
  readonly realm: Realm
  readonly installation: Installation
  readonly floor: Floor
  readonly quiet: Quiet
  readonly timers: VirtualTimers
  readonly realFetch: typeof fetch
  readonly uncaught: Uncaught
  readonly exits: Exits
  /** Whether the process keeps the zone of the recording. A worker thread cannot change its zone. */
  readonly zoneHolds: boolean
  /** Calls outside the execution that the process had no answer for, in order. */
  readonly strays: Miss[]
  /** Takes everything away again. */
  dismantle(): void
}

/** Bounds of an execution that is replayed: none, it is not recorded. */
const UNBOUNDED = {
  effects: Number.POSITIVE_INFINITY,
  instants: Number.POSITIVE_INFINITY,
  logs: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
}

/** An execution that `player` answers. */
export function replayed(id: string, player: Execution['player']): Execution {
  return new Execution(id, { ...(player && { player }), limits: UNBOUNDED })
}

/**
 * Puts a program under the control of a fixture: boundaries, floor, virtual timers, recorded zone and environment.
 * Call it before the program is imported and after the runner took its own timers.
 *
 * @param extraPending how much the runner itself has under way, such as dynamic imports
 * @throws FluxError `FLUX_NOT_ARMED` when a fixture is in control already
 */
export function assemble(
  fixture: Fixture,
  options: { readonly realm?: Realm; readonly extraPending?: () => number } = {},
): Machine {
  if (runtime.ambient) {
    throw new FluxError('FLUX_NOT_ARMED', 'Flux is already installed in this process: a fixture cannot take control.')
  }
  const realm = options.realm ?? { global: globalThis, process }
  const restoreZone = applyZone(fixture.environment.timezone)
  const installation = install(realm, answering)
  const realFetch = realm.global.fetch
  applyLocale(fixture.environment.locale, realm, installation.patches)
  const floor = new Floor(installation.patches)
  const timers = new VirtualTimers(realm, installation.patches)
  const quiet = new Quiet(installation.patches, options.extraPending)
  const strays: Miss[] = []
  const uncaught = new Uncaught()
  const exits = new Exits(installation.patches, realm.process)
  for (const constructor of new Set([Error, realm.global.Error])) keepFunctionNames(constructor, installation.patches)
  installation.sync()
  runtime.ambient = {
    execution: replayed('ambient', ambientPlayer(fixture, realm, strays)),
    path: '',
    children: 0,
    inside: false,
  }
  return {
    fixture,
    realm,
    installation,
    floor,
    quiet,
    timers,
    realFetch,
    uncaught,
    exits,
    zoneHolds: zone() === fixture.environment.timezone,
    strays,
    dismantle() {
      quiet.stop()
      runtime.ambient = undefined
      installation.uninstall()
      restoreZone()
    },
  }
}

function zone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

function applyZone(timezone: string): () => void {
  const { TZ } = process.env
  if (zone() === timezone) return () => {}
  process.env.TZ = timezone
  return () => {
    if (TZ === undefined) Reflect.deleteProperty(process.env, 'TZ')
    else process.env.TZ = TZ
  }
}

/** An answer in no order and at no time. */
const PLACELESS = { end: Promise.resolve(), until: () => new Promise<void>(resolve => nextTurn(resolve)) }

/** Answers imports and whatever runs outside the execution from what the warm process had; nothing is consumed. */
function ambientPlayer(fixture: Fixture, realm: Realm, strays: Miss[]): NonNullable<Execution['player']> {
  const { ambient } = fixture
  const effects = ambient.effects.filter(entry => entry.outcome.status !== 'pending').map(sign)
  const draws = new Draws(ambient.draws, `${fixture.id} ambient`)
  const derived = new Reads({ reads: [] }, new VirtualTime(ambient.startedAt))
  return {
    reply: (call, place) => ({
      answer: async request => {
        const effect = encoded(call.effect, request)
        const found = match(strictSignature(effect), place.path, effects)
        await new Promise(resolve => nextTurn(resolve))
        if (found) return { outcome: deliverable(found.entry.outcome, realm), ...PLACELESS }
        if (call.implied) return { outcome: call.blank, ...PLACELESS }
        strays.push({ effect, line: place.line })
        const message = `Not in the ambient recording of the process: ${looseSignature(effect)}.`
        return { outcome: { status: 'failed', error: new FluxError('FLUX_BEYOND', message) }, ...PLACELESS }
      },
    }),
    read: kind => ambient.reads.find(read => read.kind === kind)?.value ?? derived.virtual(kind),
    draw: (kind, size) => draws.next(kind, size, '', 0),
    variable: (name, real) => recordedVariable(fixture, name, real),
  }
}
