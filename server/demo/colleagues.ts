// Simulated colleagues, so that one visitor alone sees a busy place: each opens a record, sits in a field or two,
// writes one thing through the guard as anybody's device would, and leaves. They rest between deeds, so that any
// number of them is a light load, and stop with the server.

import type { RecordType } from '../../shared/record/record-type.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { demoPeople } from '../access/demo-people.ts'
import type { Principal } from '../access/principal.ts'
import { listRecords } from '../rest/list-records.ts'
import { RoomRefusal } from '../room/peer.ts'
import { UserWriter } from '../room/user-write.ts'
import type { CorecordServer } from '../server.ts'
import { createRandom, type Random } from '../simulate/random.ts'
import { colleagues, type Deed, type DeedScene } from './colleague-deeds.ts'
import { ColleagueVisit } from './colleague-visit.ts'

export interface ColleaguesOptions {
  readonly count: number
  /** Ends early when the signal does. */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>
}

const REST_MS = [4_000, 11_000] as const
const SIT_MS = [1_200, 3_500] as const
/** Found among so many that moved last. */
const ROWS = 40
/** For client ids that no node has: these write beside the server's own. */
const NODE = 0xc011

type Served = Pick<CorecordServer, 'rooms' | 'lists' | 'recordTypes' | 'now' | 'logger'>

export class Colleagues {
  readonly #server: Served
  readonly #count: number
  readonly #pause: NonNullable<ColleaguesOptions['pause']>
  readonly #writer: UserWriter
  readonly #stop = new AbortController()
  #days: readonly Promise<void>[] = []

  constructor(server: Served, { count, pause = pauseFor }: ColleaguesOptions) {
    this.#server = server
    this.#count = count
    this.#pause = pause
    this.#writer = new UserWriter({
      rooms: () => server.rooms,
      types: new Map(server.recordTypes.map(type => [type.name, type])),
      nodeId: () => NODE,
      now: server.now,
    })
  }

  start(): void {
    this.#days = Array.from({ length: this.#count }, (_, index) => this.#day(index))
    this.#server.logger.info({ colleagues: this.#count }, 'simulated colleagues work in the background')
  }

  /** After it, nothing of theirs is under way. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#days)
  }

  async #day(index: number): Promise<void> {
    const { signal } = this.#stop
    const random = createRandom(11_000 + index)
    // Not all at once.
    await this.#pause(random.below(REST_MS[1]), signal)
    while (!signal.aborted) {
      await this.turn(index, random)
      await this.#pause(between(random, REST_MS), signal)
    }
  }

  /** One deed of one of them: the room where it was done, or null where there was nothing to do. */
  async turn(index: number, random: Random): Promise<string | null> {
    const colleague = colleagues[index % colleagues.length]
    const person = demoPeople.find(({ id }) => id === colleague?.id)
    if (colleague === undefined || person === undefined) return null
    const { id, name, roles } = person
    const principal: Principal = { id, name, roles, claims: {}, expiresAt: null }
    try {
      const found = await colleague.find(this.#sceneOf(principal, random))
      if (found === null || this.#stop.signal.aborted) return null
      await this.#do(found, principal, random)
      return found.room
    } catch (error) {
      // Somebody else was faster, or has closed it meanwhile: that happens among colleagues.
      if (error instanceof RecordError || error instanceof RoomRefusal)
        this.#server.logger.debug({ err: error, colleague: id }, 'a simulated colleague was refused')
      else if (!this.#stop.signal.aborted)
        this.#server.logger.warn({ err: error, colleague: id }, 'a simulated colleague could not work')
      return null
    }
  }

  async #do({ room, fields, edit }: Deed, principal: Principal, random: Random): Promise<void> {
    const { signal } = this.#stop
    const { rooms } = this.#server
    // What is not there yet nobody can look at.
    const visit =
      fields.length === 0
        ? null
        : await ColleagueVisit.begin(rooms, room, principal, 1 + random.below(2 ** 31 - 2))
    try {
      for (const field of fields) {
        visit?.sitIn(field)
        await this.#pause(between(random, SIT_MS), signal)
      }
      if (signal.aborted) return
      await this.#writer.write(room, principal, edit)
      await this.#pause(between(random, SIT_MS), signal)
    } finally {
      visit?.leave()
    }
  }

  #sceneOf(principal: Principal, random: Random): DeedScene {
    const { lists, now } = this.#server
    return {
      me: principal.id,
      now: now(),
      random,
      rows: async (type: RecordType, where) => {
        const query = new URLSearchParams({
          where: JSON.stringify(where),
          orderBy: 'updated:desc',
          limit: String(ROWS),
        })
        const answer: unknown = JSON.parse(
          await listRecords({ lists: lists.lists, rowsMax: ROWS }, type, principal, query),
        )
        return rowsIn(answer)
      },
    }
  }
}

const rowsIn = (answer: unknown): Awaited<ReturnType<DeedScene['rows']>> =>
  typeof answer === 'object' && answer !== null && 'rows' in answer && Array.isArray(answer.rows)
    ? answer.rows
    : []

const between = (random: Random, [least, most]: readonly [number, number]): number =>
  least + random.below(most - least)

const pauseFor = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
