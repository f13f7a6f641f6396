// What a person is told, as their record `inbox:<user>`: opened when somebody looks, kept on the device, and marked
// off line like any record.

import {
  entryIdsOf,
  type InboxItem,
  type Inbox as InboxType,
  type InboxView,
} from '../../shared/types/inbox.ts'
import type { LiveRecord, Trouble } from '../record/live-record.ts'
import { Told } from '../told.ts'

export type { InboxItem, InboxView }

export interface Channels {
  readonly inApp?: boolean | null
  readonly push?: boolean | null
  readonly mail?: boolean | null
}

export interface PushDevice {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
  readonly name?: string
}

export class Inbox {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'Inbox'
  readonly #told = new Told()
  readonly #open: () => LiveRecord<typeof InboxType> | null
  readonly #makeUp: () => void
  #record: LiveRecord<typeof InboxType> | null = null
  #stop: (() => void) | null = null
  #watchers = 0

  /**
   * `open`: gives a reference to the record, or null while it is not known whose. `makeUp`: lets it be written, though
   * there is none.
   */
  constructor(open: () => LiveRecord<typeof InboxType> | null, makeUp: () => void) {
    this.#open = open
    this.#makeUp = makeUp
  }

  /** The lines, the latest first; undefined while they are being fetched. */
  get items(): readonly InboxItem[] | undefined {
    const record = this.#record
    return record === null || record.state === 'loading' ? undefined : (record.view?.items ?? NONE)
  }

  /** Why there are no lines, where they cannot be had; whom nobody has told anything yet lacks none. */
  get error(): Trouble | null {
    const record = this.#record
    return record === null || record.state === 'absent' ? null : record.error
  }

  get unread(): number {
    return this.#record?.view?.unread ?? 0
  }

  /** Settings and devices, as they stand in the record. */
  get view(): InboxView | undefined {
    return this.#record?.view
  }

  /** It is open for as long as somebody listens. */
  readonly subscribe = (tell: () => void): (() => void) => {
    this.#watchers++
    const stop = this.#told.subscribe(tell)
    this.attach()
    return () => {
      stop()
      if (--this.#watchers === 0) this.#detach()
    }
  }

  /** By the desk, once it is known who this is. */
  attach(): void {
    if (this.#record !== null || this.#watchers === 0) return
    this.#record = this.#open()
    this.#stop = this.#record?.subscribe('', () => this.#told.tell()) ?? null
    if (this.#record !== null) this.#told.tell()
  }

  read(id: string): void {
    this.#mark('read', entryIdsOf(this.items ?? NONE, id))
  }

  readAll(): void {
    this.#mark(
      'read',
      this.#entryIds(item => !item.read),
    )
  }

  clear(id: string): void {
    this.#mark('cleared', entryIdsOf(this.items ?? NONE, id))
  }

  clearAll(): void {
    this.#mark(
      'cleared',
      this.#entryIds(() => true),
    )
  }

  /** Where a kind of notice is told; `*` for all. */
  setChannels(kind: string, channels: Channels): void {
    const list = this.#writable()?.list('channels')
    if (list === undefined) return
    if (list.get(kind) === null) list.add(channels, { id: kind })
    else list.set(kind, channels)
  }

  /** A browser to push to; the same one, known by its address, is not added twice. */
  addDevice(device: PushDevice): void {
    const list = this.#writable()?.list('devices')
    if (list === undefined || list.entries.some(({ endpoint }) => endpoint === device.endpoint)) return
    list.add(device)
  }

  removeDevice(endpoint: string): void {
    const list = this.#record?.list('devices')
    for (const { id, endpoint: known } of list?.entries ?? []) if (known === endpoint) list?.remove(id)
  }

  set(settings: Parameters<LiveRecord<typeof InboxType>['set']>[0]): void {
    this.#writable()?.set(settings)
  }

  close(): void {
    this.#detach()
    this.#told.clear()
  }

  /** Whom nobody has told anything yet has no inbox on the server: what they choose first begins it. */
  #writable(): LiveRecord<typeof InboxType> | null {
    if (this.#record?.state === 'absent') this.#makeUp()
    return this.#record
  }

  #detach(): void {
    this.#stop?.()
    this.#stop = null
    this.#record?.close()
    this.#record = null
  }

  #entryIds(isMeant: (item: InboxItem) => boolean): string[] {
    const items = this.items ?? NONE
    return items.filter(isMeant).flatMap(({ id }) => entryIdsOf(items, id))
  }

  #mark(set: 'read' | 'cleared', ids: readonly string[]): void {
    if (ids.length > 0) this.#record?.union(set).add(...ids)
  }
}

const NONE: readonly InboxItem[] = Object.freeze([])
