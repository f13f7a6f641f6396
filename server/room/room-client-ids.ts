// To whom the Yjs client ids of one record belong. An id belongs to the user who first wrote under it, for ever;
// those of an earlier epoch are spent for everyone. Without this, whoever sees a colleague's id in presence could
// write under it, and the colleague's own edit would then be «already known», acknowledged and never stored.

import * as Y from 'yjs'
import { SERVER_AUTHOR } from '../../shared/record/cell.ts'
import type { Limits } from '../access/limits.ts'
import type { EarlierEpoch } from '../store/store.ts'
import type { ClientIds } from './judging.ts'

type ClientIdLimits = Pick<Limits, 'clientIdsFold' | 'clientIdsPerUserAndRecord'>

const NO_EPOCHS: readonly EarlierEpoch[] = []

export class RoomClientIds implements ClientIds {
  /** Under whose client id the server writes. */
  readonly #server: { readonly nodeId: number }
  /** Who says in presence that an id is theirs: everybody in the room has read it there. */
  readonly #announced: { announcedBy(client: number): string | null }
  /** Null while nobody has written; a free room has none at all. */
  #owners: Map<number, string> | null = null
  /** Given to a link channel for a first write that has not come yet. */
  #reserved: Map<number, string> | null = null
  #counts: Map<string, number> | null = null
  #earlier = NO_EPOCHS
  #hasNodeId = false

  constructor(
    server: { readonly nodeId: number },
    announced: { announcedBy(client: number): string | null },
  ) {
    this.#server = server
    this.#announced = announced
  }

  load(owners: ReadonlyMap<number, string>, earlier: readonly EarlierEpoch[]): void {
    if (owners.size > 0) this.#owners = new Map(owners)
    this.#earlier = earlier
  }

  get hasEarlierEpochs(): boolean {
    return this.#earlier.length > 0
  }

  get size(): number {
    return this.#owners?.size ?? 0
  }

  ownerOf(client: number): string | null {
    return client === this.#server.nodeId ? SERVER_AUTHOR : (this.#owners?.get(client) ?? null)
  }

  reservedFor(client: number): string | null {
    return this.#reserved?.get(client) ?? this.#announced.announcedBy(client)
  }

  isSpent(client: number): boolean {
    return (
      client !== this.#server.nodeId &&
      this.#owners?.has(client) !== true &&
      this.#earlier.some(({ clients }) => clients.has(client))
    )
  }

  countOf(user: string): number {
    if (this.#counts === null) {
      this.#counts = new Map()
      for (const owner of this.#owners?.values() ?? [])
        this.#counts.set(owner, (this.#counts.get(owner) ?? 0) + 1)
    }
    return this.#counts.get(user) ?? 0
  }

  /** The most that one person has; nobody shall come to the limit because a record is not folded in time. */
  get #largestCount(): number {
    this.countOf('')
    return Math.max(0, ...(this.#counts?.values() ?? []))
  }

  /** So many that the record is to begin a new epoch, in which each of its cells has one writer. */
  areOutgrown({ clientIdsFold, clientIdsPerUserAndRecord }: ClientIdLimits): boolean {
    // No person can have more ids than there are.
    const near = clientIdsPerUserAndRecord / 2
    return this.size > clientIdsFold || (this.size > near && this.#largestCount > near)
  }

  /** So many that it waits for nobody any more: a stock client may stay for ever, and beyond the limit a person is shut out. */
  areFarOutgrown({ clientIdsFold, clientIdsPerUserAndRecord }: ClientIdLimits): boolean {
    const near = 0.75 * clientIdsPerUserAndRecord
    return this.size >= 2 * clientIdsFold || (this.size >= near && this.#largestCount >= near)
  }

  own(owners: ReadonlyMap<number, string>): void {
    if (owners.size === 0) return
    this.#owners ??= new Map()
    for (const [client, user] of owners) this.#owners.set(client, user)
    this.#counts = null
  }

  /** Known as the server's also to a later start of it, which writes under another id. */
  claimNodeId(): [number, string][] {
    if (this.#hasNodeId || this.#owners?.has(this.#server.nodeId) === true) return []
    this.#hasNodeId = true
    return [[this.#server.nodeId, SERVER_AUTHOR]]
  }

  reserve(
    user: string,
    wanted: number | undefined,
    isInUse: (client: number) => boolean,
    newClientId: () => number,
  ): number {
    const isFree = (client: number): boolean => {
      const owner = this.ownerOf(client) ?? this.reservedFor(client)
      return (owner === null || owner === user) && !this.isSpent(client) && !isInUse(client)
    }
    let client = wanted ?? newClientId()
    while (!isFree(client)) client = newClientId()
    this.#reserved ??= new Map()
    this.#reserved.set(client, user)
    return client
  }

  release(client: number): void {
    if (this.#owners?.has(client) !== true) this.#reserved?.delete(client)
  }

  /** Up to which clock the server held each of the user's ids in an earlier epoch. */
  heldOf(user: string, epoch: string): [number, number][] {
    const earlier = this.#earlier.find(one => one.epoch === epoch)
    return [...(earlier?.clients ?? [])]
      .filter(([, { userId }]) => userId === user)
      .map(([client, { clock }]) => [client, clock])
  }

  /** Whether the epoch is of a life that a purge has ended: nothing of it may come into the one after. */
  isOfPurgedLife(epoch: string): boolean {
    return this.#purged.some(one => one.epoch === epoch)
  }

  /**
   * What somebody with this state vector holds: a document of an earlier epoch, of a life that was purged, or
   * neither. A restored record has what the backup had under ids that are spent: as far as the room itself holds
   * it, it is of this epoch.
   */
  pastOf(stateVector: Uint8Array, ofRoom: () => Uint8Array): 'earlier' | 'purged' | null {
    if (this.#earlier.length === 0) return null
    const spent = [...Y.decodeStateVector(stateVector)].filter(([client]) => this.isSpent(client))
    if (spent.length === 0) return null
    const held = Y.decodeStateVector(ofRoom())
    const ahead = spent.filter(([client, clock]) => clock > (held.get(client) ?? 0))
    if (ahead.length === 0) return null
    return ahead.some(([client]) => this.#purged.some(({ clients }) => clients.has(client)))
      ? 'purged'
      : 'earlier'
  }

  get #purged(): readonly EarlierEpoch[] {
    return this.#earlier.slice(0, this.#earlier.findLastIndex(({ ended }) => ended === 'purged') + 1)
  }
}
