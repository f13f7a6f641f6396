// What the guard knows while it judges one update, and what it has found out so far.

import { createMe } from '../../shared/record/access.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import type { Me } from '../../shared/record/record-type.ts'
import type { TextField } from '../../shared/record/field.ts'
import type { Limits } from '../access/limits.ts'
import type { Principal } from '../access/principal.ts'
import type { Followers } from './followers.ts'
import type { LiveRecord } from './live-record.ts'
import type { NewIds, NewRange } from './new-ids.ts'
import type { DeletedRange, Overlay } from './overlay.ts'

export interface Judging {
  readonly record: LiveRecord
  readonly overlay: Overlay
  readonly ids: ClientIds
  readonly limits: GuardLimits
  readonly sender: Sender
  readonly judged: Judged
}

export type GuardLimits = Pick<
  Limits,
  | 'structsPerUpdate'
  | 'cellBytes'
  | 'cellsPerRecord'
  | 'removedDaysKept'
  | 'textLength'
  | 'clientIdsPerUserAndRecord'
  | 'clockAheadMs'
>

export interface Sender {
  readonly principal: Principal
  readonly me: Me
}

/** A link has one principal for all its channels. */
export const senderOf = (principal: Principal): Sender => {
  let sender = senders.get(principal)
  if (sender === undefined) {
    sender = { principal, me: createMe(principal) }
    senders.set(principal, sender)
  }
  return sender
}

const senders = new WeakMap<Principal, Sender>()

/** What the room knows of a client id besides the turn: its owner, or that it is spent. */
export interface ClientIds {
  ownerOf(client: number): string | null
  /** To whom the id was given for a first write that has not come yet. */
  reservedFor(client: number): string | null
  isSpent(client: number): boolean
  countOf(userId: string): number
}

export interface NewCell {
  readonly cell: LiveCell
  /** Sent together with its own deletion: written over before it was ever seen. */
  readonly isDead: boolean
}

export interface Judged {
  readonly cells: NewCell[]
  readonly newIds: NewIds
  /** Those of texts, each behind all that it rests on. */
  readonly letters: NewRange[]
  /** What follows on what once the letters stand where they say. */
  followers: Followers | null
  /** Texts that are written, and by how many characters they grow; below 0 they shrink. */
  readonly texts: Map<string, number>
  readonly textDeletes: DeletedRange[]
  /** Texts of which nothing but formats is deleted. */
  readonly tidied: Set<string>
  readonly deletedCounts: Map<number, number>
  /** Live cells that it deletes, by path. */
  readonly victims: Map<string, LiveCell[]>
  readonly newOwners: Set<number>
}

export const textField = (record: LiveRecord, name: string): TextField | null => {
  const field = Object.hasOwn(record.type.fields, name) ? record.type.fields[name] : undefined
  return field?.kind === 'text' ? field : null
}

export const count = (counts: Map<number, number>, client: number, n: number): void => {
  counts.set(client, (counts.get(client) ?? 0) + n)
}
