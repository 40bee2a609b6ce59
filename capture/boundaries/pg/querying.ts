import type { Answer, Host, Observer } from '../../boundary.ts'
import { type Client, type Connection, learnMapper, type Query, type Submittable, type ValueMapper } from './driver.ts'
import { foreignEffect, queryEffect } from './effect.ts'
import { blank, Gathering, type Status } from './outcome.ts'
import { Session } from './session.ts'
import { type Statement, statements } from './sql.ts'
import { Wire } from './wire.ts'

/** A query between its call and its end. */
interface Crossing {
  readonly session: Session
  readonly all: readonly Statement[]
  readonly transaction: ReturnType<Session['enter']>
  readonly gathering: Gathering
  observer?: Observer
  answer?: Promise<Answer>
  /** Runs what the driver calls back at the caller's place. */
  run(callback: () => void): void
}

/** Notes queries, or has them answered. */
export class Querying {
  readonly #host: Host
  readonly #sessions = new WeakMap<Connection, Session>()
  readonly #crossings = new WeakMap<Submittable, Crossing | null>()
  readonly #active = new WeakMap<Connection, Crossing>()
  #map: ValueMapper | undefined

  constructor(host: Host) {
    this.#host = host
  }

  installClient(prototype: Client): void {
    const ask = (client: Client, pulse: () => void) => this.#ask(client, pulse)
    const active = this.#active
    const session = (client: Client) => this.#session(client)
    this.#host.patch(prototype, '_pulseQueryQueue', original => {
      return function (this: Client) {
        ask(this, () => original.call(this))
      }
    })
    this.#host.patch(prototype, '_handleReadyForQuery', original => {
      return function (this: Client, message) {
        const known = session(this)
        known.status = (message?.status ?? 'I') as Status
        if (known.status === 'I' && queueOf(this).length === 0) known.idle()
        original.call(this, message)
      }
    })
    this.#host.patch(prototype, '_handleNotice', original => {
      return function (this: Client, message) {
        const crossing = active.get(this.connection)
        if (!crossing) return original.call(this, message)
        crossing.gathering.noticed(message)
        crossing.run(() => original.call(this, message))
      }
    })
  }

  /** The last in the queue is new: `client.query` pulses at once, in the caller. */
  #ask(client: Client, pulse: () => void): void {
    const last = queueOf(client).at(-1)
    if (!last || this.#crossings.has(last)) return pulse()
    this.#crossings.set(last, null)
    if (!('requiresPreparation' in last)) return this.#refuse(client, last, nameOf(last), pulse)
    if (refused(last as Query)) return pulse()
    if (client.pipeline) return this.#refuse(client, last, 'pipelined query', pulse)
    this.#query(client, last as Query, pulse)
  }

  #query(client: Client, query: Query, pulse: () => void): void {
    const { connection } = client
    const text = String(query.text ?? connection.parsedStatements[query.name ?? ''] ?? '')
    const all = statements(text)
    let effect: ReturnType<typeof queryEffect>
    try {
      this.#map ??= learnMapper(query)
      effect = queryEffect(query, text, all, client.database, this.#map)
    } catch {
      // The driver is about to throw the same: nothing crosses.
      return pulse()
    }
    const session = this.#session(client)
    const transaction = session.enter(all)
    const { inTransaction } = session
    const crossing: Crossing = { session, all, transaction, gathering: new Gathering(), run: callback => callback() }
    this.#crossings.set(query, crossing)
    this.#host.cross<void>({
      effect,
      ...(transaction && { transaction }),
      // Made when a replay asks for it: most queries are never answered blank.
      get blank() {
        return blank(all, inTransaction)
      },
      perform(observer) {
        crossing.observer = observer
        pulse()
      },
      answer(reply) {
        crossing.answer = reply.answer()
        if (connection.stream instanceof Wire) return pulse()
        withdraw(client, query, crossing.answer)
      },
    })
    crossing.run = this.#host.carry((callback: () => void) => callback())
  }

  /** What cannot be recorded is performed when recording, and fails in a replay. */
  #refuse(client: Client, last: Submittable, name: string, pulse: () => void): void {
    this.#host.cross<void>({
      effect: foreignEffect(name, last.text, client.database),
      blank: { status: 'returned', value: null },
      perform(observer) {
        observer.unsupported(`pg: ${name} is not supported`)
        pulse()
      },
      answer: reply => withdraw(client, last, reply.answer()),
    })
  }

  installQuery(prototype: Query): void {
    const crossings = this.#crossings
    const active = this.#active
    const of = (query: Query) => crossings.get(query) ?? undefined
    const { patch } = this.#host
    patch(prototype, 'submit', original => {
      return function (this: Query, connection) {
        const crossing = of(this)
        if (crossing) active.set(connection, crossing)
        else active.delete(connection)
        if (connection.stream instanceof Wire) connection.stream.submitting(crossing?.answer)
        const error = original.call(this, connection)
        if (!error) crossing?.observer?.sent()
        return error
      }
    })
    patch(prototype, 'handleRowDescription', original => {
      return function (this: Query, message) {
        if (kept(of(this), 64 * message.fields.length)) of(this)?.gathering.described(message.fields)
        original.call(this, message)
      }
    })
    patch(prototype, 'handleDataRow', original => {
      return function (this: Query, message) {
        const crossing = of(this)
        if (kept(crossing, sizeOf(message.fields))) crossing?.gathering.row(message.fields)
        // Nothing of the program runs below but the listeners of rows.
        if (!crossing || this.listenerCount('row') === 0) return original.call(this, message)
        crossing.run(() => original.call(this, message))
      }
    })
    patch(prototype, 'handleCommandComplete', original => {
      return function (this: Query, message, connection) {
        of(this)?.gathering.completed(message.text)
        original.call(this, message, connection)
      }
    })
    patch(prototype, 'handleEmptyQuery', original => {
      return function (this: Query, connection) {
        of(this)?.gathering.completed('')
        original.call(this, connection)
      }
    })
    this.#installEnds(prototype, of)
  }

  #installEnds(prototype: Query, of: (query: Query) => Crossing | undefined): void {
    const { patch } = this.#host
    patch(prototype, 'handleError', original => {
      return function (this: Query, error, connection) {
        const crossing = of(this)
        if (!crossing) return original.call(this, error, connection)
        fail(crossing, error, Boolean(this.name) && connection.parsedStatements[this.name ?? ''] === undefined)
        crossing.run(() => original.call(this, error, connection))
      }
    })
    patch(prototype, 'handleReadyForQuery', original => {
      return function (this: Query, connection) {
        const crossing = of(this)
        if (!crossing) return original.call(this, connection)
        const { session, gathering, transaction, observer } = crossing
        const { status } = session
        session.leave(transaction, gathering.results.at(-1)?.command, false, status)
        observer?.settled({ status: 'returned', value: gathering.value(status) })
        crossing.run(() => original.call(this, connection))
      }
    })
  }

  #session({ connection }: Client): Session {
    let session = this.#sessions.get(connection)
    if (!session) {
      session = new Session()
      this.#sessions.set(connection, session)
    }
    return session
  }
}

function fail({ session, all, gathering, transaction, observer }: Crossing, error: unknown, unparsed: boolean): void {
  const status = gathering.statusAfterError(session.status, all)
  session.leave(transaction, null, true, status)
  observer?.settled({ status: 'failed', error, value: gathering.value(status, unparsed ? false : undefined) })
}

function kept(crossing: Crossing | undefined, bytes: number): boolean {
  return crossing?.observer?.keep(bytes) !== undefined
}

function sizeOf(columns: readonly (string | null)[]): number {
  let bytes = 16
  for (const column of columns) bytes += 8 + (column?.length ?? 0)
  return bytes
}

/** What the driver fails by itself, before anything is sent. */
function refused({ text, name, values }: Query): boolean {
  return (typeof text !== 'string' && typeof name !== 'string') || Boolean(values && !Array.isArray(values))
}

function queueOf(client: Client): Submittable[] {
  return client._queryQueue ?? client.queryQueue ?? []
}

function nameOf(submittable: object): string {
  return String(Object.getPrototypeOf(submittable)?.constructor?.name ?? 'submittable')
}

/** Takes a query off the queue, for it must not go out, and tells its caller why. */
function withdraw(client: Client, last: Submittable, answer: Promise<Answer>): void {
  queueOf(client).splice(queueOf(client).indexOf(last), 1)
  void answer.then(({ outcome }) => {
    const error =
      outcome.status === 'failed' ? outcome.error : new Error('A recorded answer cannot be given to this query.')
    process.nextTick(() => last.handleError(error, client.connection))
  })
}
