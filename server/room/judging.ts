// What the guard knows while it judges one update, and what it has found out so far.

import { createMe } from '../../shared/record/access.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import type { Me } from '../../shared/record/record-type.ts'
import type { TextField } from '../../shared/record/field.ts'
import type { Limits } from '../access/limits.ts'
import type { Principal } from '../access/principal.ts'
import type { Followers } from './followers.ts'
import type { LiveRecord } from './live-record.ts'
import { MostlyOne } from './mostly-one.ts'
import { NewIds, type NewRange } from './new-ids.ts'
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
  | 'recordBytes'
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

/** What one update would do. Most write one value of one record: what they have no use for is not made. */
export class Judged {
  readonly newIds = new NewIds()
  /** Live cells that it deletes, by path. */
  readonly victims = new MostlyOne<string, LiveCell[]>()
  /** Texts that are written, and by how many characters they grow; below 0 they shrink. */
  readonly texts = new MostlyOne<string, number>()
  /** What follows on what once the letters stand where they say. */
  followers: Followers | null = null
  #cells: NewCell[] | null = null
  #letters: NewRange[] | null = null
  #textDeletes: DeletedRange[] | null = null
  #tidied: Set<string> | null = null
  #deleted: DeletedIds[] | null = null
  #newOwners: Set<number> | null = null

  get cells(): readonly NewCell[] {
    return this.#cells ?? NONE
  }

  addCell(cell: NewCell): void {
    this.#cells = withOne(this.#cells, cell)
  }

  /** Those of texts, each behind all that it rests on. */
  get letters(): readonly NewRange[] {
    return this.#letters ?? NONE
  }

  addLetters(range: NewRange): void {
    this.#letters = withOne(this.#letters, range)
  }

  growText(name: string, chars: number): void {
    this.texts.set(name, (this.texts.get(name) ?? 0) + chars)
  }

  get textDeletes(): readonly DeletedRange[] {
    return this.#textDeletes ?? NONE
  }

  addTextDelete(range: DeletedRange): void {
    this.#textDeletes = withOne(this.#textDeletes, range)
  }

  /** Texts of which nothing but formats is deleted. */
  get tidied(): ReadonlySet<string> {
    return this.#tidied ?? NOTHING
  }

  tidy(name: string): void {
    this.#tidied ??= new Set()
    this.#tidied.add(name)
  }

  /** How many ids of whom; one may come more than once. */
  get deleted(): readonly DeletedIds[] {
    return this.#deleted ?? NONE
  }

  countDeleted(client: number, count: number): void {
    this.#deleted = withOne(this.#deleted, { client, count })
  }

  /** Answers whether it was none before. */
  addVictim(cell: LiveCell): boolean {
    const victims = this.victims.get(cell.path)
    if (victims === undefined) this.victims.set(cell.path, [cell])
    else if (victims.includes(cell)) return false
    else victims.push(cell)
    return true
  }

  get newOwners(): ReadonlySet<number> {
    return this.#newOwners ?? NOTHING
  }

  addOwner(client: number): void {
    this.#newOwners ??= new Set()
    this.#newOwners.add(client)
  }
}

interface DeletedIds {
  readonly client: number
  readonly count: number
}

/** Mostly it stays the only one: a list that grows has room for seventeen. */
const withOne = <T>(list: T[] | null, one: T): T[] => {
  if (list === null) return [one]
  list.push(one)
  return list
}

const NONE: readonly never[] = []
const NOTHING = new Set<never>()

export const textField = (record: LiveRecord, name: string): TextField | null => {
  const field = Object.hasOwn(record.type.fields, name) ? record.type.fields[name] : undefined
  return field?.kind === 'text' ? field : null
}
