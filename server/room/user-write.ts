// Writes that a person makes through the server: a REST patch, a restore, a request for an action. They are made on
// a doc of their own, from the committed state, and go through the guard like any device's; so nothing is allowed
// here that would not be allowed there.

import { hash } from 'node:crypto'
import * as Y from 'yjs'
import { createMe } from '../../shared/record/access.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import { createClock } from '../../shared/record/clock.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { type Problem, RecordError } from '../../shared/record/record-error.ts'
import { RecordOnDoc } from '../../shared/record/record.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { Principal } from '../access/principal.ts'
import { type JoinAsk, RoomRefusal } from './peer.ts'
import type { Rooms } from './rooms.ts'
import { ServerDoc } from './server-doc.ts'
import { type RefusedWrite, WritingPeer } from './writing-peer.ts'
import { applyUpdate } from './update-decoder.ts'

export interface UserWriterParts {
  readonly rooms: () => Pick<Rooms, 'open' | 'join' | 'unwritable'>
  readonly types: ReadonlyMap<string, RecordType>
  readonly nodeId: () => number
  /** Those of runs that ended in a crash, after which the server writes under another. */
  readonly earlierNodeIds?: () => readonly number[]
  readonly now: () => number
}

export interface UserWritten<T> {
  /** What the edit gave. */
  readonly value: T
  readonly epoch: string
  /** The commit that holds it; where nothing was changed, the one it was looked at. */
  readonly commit: number
  readonly isChanged: boolean
}

export interface EditedAt {
  readonly epoch: string
  readonly commit: number
  /** Whether the same person wrote it through the server before a crash: under another client id, and their own. */
  wroteEarlier(cell: LiveCell): boolean
}

/** Of the record, and of the commit it stands at. */
export type Edit<T> = (record: RecordOnDoc, at: EditedAt) => T

const ATTEMPTS = 4

export class UserWriter {
  readonly #parts: UserWriterParts
  /** One write at a time of a person and record, so that all of them can go under one client id. */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(parts: UserWriterParts) {
    this.#parts = parts
  }

  /** Resolves when it is durable. Rejects with RecordError or RoomRefusal where it is not allowed. */
  write<T>(
    room: string,
    principal: Principal,
    edit: Edit<T>,
    ask: Pick<JoinAsk, 'again'> = {},
  ): Promise<UserWritten<T>> {
    const unwritable = this.#parts.rooms().unwritable
    // Else it would wait behind one that waits for the disk.
    if (unwritable !== null) return Promise.reject(new RoomRefusal('STORE_UNWRITABLE', unwritable))
    const key = `${principal.id}\0${room}`
    const before = this.#turns.get(key) ?? Promise.resolve()
    const mine = before.catch(() => {}).then(() => this.#write(room, principal, edit, ask))
    this.#turns.set(key, mine)
    const end = (): void => {
      if (this.#turns.get(key) === mine) this.#turns.delete(key)
    }
    mine.then(end, end)
    return mine
  }

  async #write<T>(
    room: string,
    principal: Principal,
    edit: Edit<T>,
    ask: Pick<JoinAsk, 'again'>,
  ): Promise<UserWritten<T>> {
    const type = this.#parts.types.get(parseRoomName(room)?.type ?? '')
    if (type === undefined) throw new RoomRefusal('NO_SUCH_TYPE')
    for (let attempt = 1; ; attempt++) {
      try {
        const opened = await this.#parts.rooms().open(room)
        // The write is made on a doc of its own, beside the room's.
        return await opened.withDoc(() => this.#attempt(room, type, principal, edit, ask), { docs: 2 })
      } catch (error) {
        // Folded or begun anew in between: what was not taken is made again on what stands there now.
        if (!(error instanceof Interrupted) || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #attempt<T>(
    name: string,
    type: RecordType,
    principal: Principal,
    edit: Edit<T>,
    ask: Pick<JoinAsk, 'again'>,
  ): Promise<UserWritten<T>> {
    const { rooms, nodeId, earlierNodeIds = () => [], now } = this.#parts
    const { epoch } = await rooms().open(name)
    const peer = new WritingPeer(principal)
    const idOf = (node: number): number => stableId(node, principal.id, name, epoch)
    const clientId = idOf(nodeId())
    let earlierIds: ReadonlySet<number> | null = null
    const wroteEarlier = ({ author, client }: LiveCell): boolean => {
      if (author !== principal.id || client === clientId) return false
      earlierIds ??= new Set(earlierNodeIds().map(idOf))
      return earlierIds.has(client)
    }
    const membership = await rooms().join(name, peer, { ...ask, clientId })
    peer.membership = membership
    const doc = new ServerDoc()
    try {
      const { update, commit } = await peer.state().catch(orInterrupted)
      applyUpdate(doc, update)
      doc.clientID = membership.info.clientId ?? clientId
      const clock = createClock({ wall: now, monotonic: now })
      clock.contact(now())
      const id = name.slice(name.indexOf(':') + 1)
      const me = createMe(principal)
      const record = new RecordOnDoc(type, doc, { author: principal.id, id, clock, me })
      const updates: Uint8Array[] = []
      doc.on('update', (bytes: Uint8Array) => updates.push(bytes))
      const at = { epoch: membership.info.epoch, commit: commit ?? membership.info.commit }
      const value = edit(record, { ...at, wroteEarlier })
      record.close()
      if (updates.length === 0) return { value, ...at, isChanged: false }
      const answer = await peer.write(Y.mergeUpdates(updates)).catch(orInterrupted)
      if (answer.kind === 'refused') throw refusalOf(answer)
      return { value, epoch: at.epoch, commit: answer.commit, isChanged: true }
    } finally {
      membership.leave()
      doc.destroy()
    }
  }
}

class Interrupted extends RoomRefusal {}

/** Codes that come of the moment, not of what is written. */
const PASSING: readonly ErrorCode[] = ['EPOCH_CHANGED', 'CLIENT_ID_SPENT', 'INTERNAL', 'PENDING']

/** Of the moment, not of what is written: another attempt may come through. */
const orInterrupted = (error: unknown): never => {
  if (error instanceof RoomRefusal && PASSING.includes(error.code))
    throw new Interrupted(error.code, error.message)
  throw error
}

const refusalOf = ({ code, sentence, paths }: RefusedWrite): Error => {
  if (PASSING.includes(code)) return new Interrupted(code, sentence)
  const [first, ...rest] = paths
  if (first === undefined) return new RoomRefusal(code, sentence)
  const problemAt = (path: string): Problem => ({ code, path, sentence })
  return new RecordError([problemAt(first), ...rest.map(problemAt)])
}

/** The same for the same person, record and epoch, so that a record does not fill with client ids. */
const stableId = (...of: readonly (string | number)[]): number =>
  Number.parseInt(hash('sha256', of.join('\0'), 'hex').slice(0, 8), 16) || 1
