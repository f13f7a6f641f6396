import type { Problem } from '../../shared/record/record-error.ts'
import type { Limits } from '../access/limits.ts'
import type { Principal } from '../access/principal.ts'
import type { Change, ChangeOutcome, Head } from '../store/store.ts'
import type { Headroom } from './headroom.ts'
import type { PresenceParts } from './presence.ts'
import type { Publisher } from './turn.ts'

/** What a room needs of the server around it. */
export interface RoomServices<Room> {
  readonly limits: Limits
  readonly publisher: Publisher
  readonly metrics: RoomMetrics
  readonly logger: RoomLogger
  readonly presence: Omit<PresenceParts, 'peers' | 'onChange' | 'ownerOf'>
  /** Left out, memory is not looked at. */
  readonly headroom?: Headroom
  /** The Yjs client id under which this server writes. */
  readonly nodeId: number
  now(): number
  /** Left out, it is. */
  readonly isClockSteady?: () => boolean
  newClientId(): number
  newEpoch(): string
  /** At the end of this turn of the loop. */
  soon(run: () => void): void
  commit(change: Change): Promise<ChangeOutcome>
  compact(room: string, snapshot: Uint8Array, upToCommit: number): Promise<Head | null>
  /** Why nothing can be written now; null: all is well. */
  unwritable(): string | null
  /** The room is not to be given to anybody who comes from now on. */
  forget(room: Room): void
  /** The room holds a doc, and is used; when it has become quiet it is asked to let go of it. */
  warm(room: Room): void
  /** Records at which a turn has failed once: what they are begun anew with is judged more closely. */
  readonly doubted: Set<string>
  /** A connection of this person has left a room. */
  left(room: Room, user: string): void
  presenceChanged(room: Room): void
  /** An honest edit was refused, and nobody waits for the answer. */
  editRefused?(room: Room, principal: Principal, problems: readonly Problem[]): void
}

export interface RoomMetrics {
  accepted(): void
  refused(code: string): void
  /** The guard's prediction was wrong: never, or it is an alarm. */
  alarm(): void
  saved(ms: number): void
  relayed(ms: number): void
}

export interface RoomLogger {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
