// What happens to records, told by name to whoever listens: `project:updated`, then `data:changed`. Edits of one's
// own, of other tabs and of other people, each once.

import { assertListener, tellOne } from '../told.ts'

export type Verb = 'create' | 'update' | 'delete'

export interface DeskEvent {
  readonly name: string
  readonly type: Verb
  /** In the words of the system: `claimed`, `document_complete`; else the verb. */
  readonly action: string
  readonly entity: string
  readonly entityId: string
  /** Of the record: that of a comment is its ticket's. */
  readonly room: string
  readonly by: string
  /** tab: by this person, in another tab or on another device. */
  readonly from: 'here' | 'tab' | 'others'
  readonly data: unknown
}

export type HappenedTo = Omit<DeskEvent, 'name'>

interface Listener {
  readonly name: string
  readonly tell: (event: DeskEvent) => void
  readonly stop: () => void
}

export class EventBus {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'EventBus'
  readonly #listeners = new Set<Listener>()
  readonly #begin: (name: string) => () => void

  /** `begin`: somebody begins to listen, and answers how to end that. */
  constructor(begin: (name: string) => () => void) {
    this.#begin = begin
  }

  /**
   * `ticket` hears everything about tickets, `ticket:updated` the same, `ticket:claimed` that alone,
   * `data:changed` that anything changed, `*` all of it.
   */
  on(name: string, tell: (event: DeskEvent) => void): () => void {
    assertListener(tell)
    const listener = { name, tell, stop: this.#begin(name) }
    this.#listeners.add(listener)
    return () => {
      if (this.#listeners.delete(listener)) listener.stop()
    }
  }

  get isHeard(): boolean {
    return this.#listeners.size > 0
  }

  emit(happened: HappenedTo): void {
    const { entity, action } = happened
    const updated = `${entity}:updated`
    this.#tell(happened, updated, [entity, updated])
    const own = `${entity}:${action}`
    if (!isVerb(action) && own !== updated) this.#tell(happened, own, [own])
    this.#tell(happened, 'data:changed', ['data:changed'])
  }

  clear(): void {
    for (const { stop } of this.#listeners) stop()
    this.#listeners.clear()
  }

  #tell(happened: HappenedTo, name: string, heardAs: readonly string[]): void {
    const event: DeskEvent = { ...happened, name }
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue
      if (listener.name === '*' || heardAs.includes(listener.name)) tellOne(listener.tell, event)
    }
  }
}

const VERBS: readonly string[] = ['create', 'update', 'delete'] satisfies Verb[]

/** Of these `updated` tells. */
export const isVerb = (action: string): boolean => VERBS.includes(action)
