// How many sockets there may be: altogether, from one address, and of one person. Who is refused by one of the three is
// counted, and the log has it once a minute.

import { addressBlock } from '../access/client-address.ts'
import type { Limits } from '../access/limits.ts'
import { isAnonymous, type Principal } from '../access/principal.ts'
import type { Sessions } from '../access/sessions.ts'
import { createSocketCounter, type SocketCounter } from '../access/socket-counter.ts'
import type { Connection, WireLogger } from './connection.ts'
import type { Handshake } from './handshake.ts'
import type { SocketsRefused, WireCounters } from './wire-counters.ts'

export interface Admission {
  /** The token was renewed. */
  renewed(principal: Principal): void
}

export interface SocketAdmissionParts {
  readonly limits: Pick<Limits, 'socketsPerAddress' | 'socketsPerUser'>
  readonly socketsMax: number
  readonly counters: Pick<WireCounters, 'socketsRefused'>
  readonly sessions: Pick<Sessions, 'add'> | undefined
  readonly addressOf: (request: Handshake) => string
  readonly logger: WireLogger
  readonly now: () => number
}

/** What goes on for a while is said this often. */
const SAY_AGAIN_MS = 60_000

export class SocketAdmission {
  readonly #parts: SocketAdmissionParts
  readonly #perAddress: SocketCounter | null
  readonly #perUser: SocketCounter | null
  readonly #told = new Map<keyof SocketsRefused, number>()

  constructor(parts: SocketAdmissionParts) {
    this.#parts = parts
    this.#perAddress = counterOf(parts.limits.socketsPerAddress)
    this.#perUser = counterOf(parts.limits.socketsPerUser)
  }

  /** Among so many that are open, this one included. */
  isRoom(open: number): boolean {
    const { socketsMax, logger } = this.#parts
    if (open <= socketsMax) return true
    if (this.#isNews('server'))
      logger.warn({ sockets: socketsMax }, 'as many sockets are open as open files allow: more are refused')
    return false
  }

  /** Counts the connection as one of its address. */
  enterAddress(connection: Connection, request: Handshake): boolean {
    if (this.#perAddress === null) return true
    const { addressOf, logger } = this.#parts
    const address = addressOf(request)
    if (enter(connection, this.#perAddress, addressBlock(address))) return true
    if (this.#isNews('address'))
      logger.warn(
        { address, forwarded: request.headers['x-forwarded-for'] !== undefined },
        'an address has as many sockets as it may: more are refused',
      )
    return false
  }

  /** Counts the connection as this person's and ends it when the token does. Null: it was closed. */
  readonly admit = (connection: Connection, person: Principal): Admission | null => {
    // Nobody in particular has neither a token that ends nor a number of sockets.
    if (isAnonymous(person)) return NOT_COUNTED
    const { sessions, logger } = this.#parts
    if (this.#perUser !== null && !enter(connection, this.#perUser, person.id)) {
      if (this.#isNews('person'))
        logger.warn({ user: person.id }, 'a person has as many sockets as they may: more are refused')
      connection.close('TOO_MANY_SOCKETS', 'Close other windows or wait: you have too many connections.')
      return null
    }
    const session = sessions?.add({ principal: person, end: code => connection.close(code) })
    if (session) connection.whenEnded(() => session.remove())
    return session ?? NOT_COUNTED
  }

  /** Counts one refused; whether it is time to say so. */
  #isNews(whose: keyof SocketsRefused): boolean {
    const { counters, now } = this.#parts
    counters.socketsRefused[whose]++
    const since = now() - (this.#told.get(whose) ?? Number.NEGATIVE_INFINITY)
    if (since >= 0 && since < SAY_AGAIN_MS) return false
    this.#told.set(whose, now())
    return true
  }
}

const NOT_COUNTED: Admission = { renewed() {} }

const counterOf = (max: number): SocketCounter | null => (max === Infinity ? null : createSocketCounter(max))

const enter = (connection: Connection, counter: SocketCounter, key: string): boolean => {
  const leave = counter.enter(key)
  if (leave === null) return false
  connection.whenEnded(leave)
  return true
}
