// Who else has the record open, and in which field. Name and user id come from the token by way of the server;
// what a tab says of itself is only where it is and whether anybody sits before it.

import type { Awareness } from 'y-protocols/awareness'
import type { Value } from '../../shared/record/value.ts'
import type { Surroundings } from '../surroundings.ts'
import { Told } from '../told.ts'
import { editorAwareness } from './editor-awareness.ts'

export interface Person {
  readonly clientId: number
  readonly id: string
  readonly name: string
  readonly color: string
  readonly field: string | null
  /** idle: the page is in the background; gone: it has been so for a while. */
  readonly state: 'active' | 'idle' | 'gone'
  readonly me: boolean
  readonly data: Value
}

type PresenceSurroundings = Pick<Surroundings, 'isVisible' | 'onVisibility' | 'after'>

const GONE_AFTER_MS = 5 * 60_000
/** Whoever was there stays to be seen for so long where the link was lost: it mostly comes back, and they with it. */
const SEEN_ON_AFTER_LOSS_MS = 3_000
const NOBODY: readonly Person[] = Object.freeze([])

export class RecordPresence {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'RecordPresence'
  readonly #told = new Told()
  /** A device that brings a record up to date by itself is nobody who looks at it. */
  #isThere = false
  #me = ''
  #surroundings: PresenceSurroundings | null = null
  #awareness: Awareness | null = null
  #isCarried: () => boolean = () => false
  #people: readonly Person[] = NOBODY
  #field: string | null = null
  #data: Value = null
  #forEditors: Awareness | null = null
  /** What editors on this generation's texts say: a cursor, a selection. */
  #ofEditors: { readonly [name: string]: unknown } = {}
  #state: 'active' | 'idle' | 'gone' = 'active'
  #stopWatching: (() => void) | null = null
  #cancelGone: (() => void) | null = null
  /** Who was there when the link was lost, of whom nothing was heard since. */
  #seenBefore: readonly Person[] = NOBODY
  #cancelSeenBefore: (() => void) | null = null

  /** The states of this generation's channel, and whether anything carries it just now. */
  attach(
    awareness: Awareness,
    me: string,
    surroundings: PresenceSurroundings,
    isCarried: () => boolean,
  ): void {
    this.#me = me
    this.#isCarried = isCarried
    this.#surroundings = surroundings
    this.#awareness?.off('change', this.#changed)
    this.#leaveEditors()
    this.#awareness = awareness
    awareness.on('change', this.#changed)
    this.#stopWatching ??= surroundings.onVisibility(() => this.#seen())
    this.#seen()
    this.#changed()
  }

  close(): void {
    this.#stopWatching?.()
    this.#stopWatching = null
    this.#cancelGone?.()
    this.#cancelGone = null
    this.#cancelSeenBefore?.()
    this.#cancelSeenBefore = null
    this.#seenBefore = NOBODY
    this.#awareness?.off('change', this.#changed)
    this.#leaveEditors()
    this.#awareness = null
    this.#people = NOBODY
    this.#told.clear()
  }

  /** The others. */
  get people(): readonly Person[] {
    return this.#people
  }

  /**
   * For the binding of an editor, which shows the cursors of others by it and tells its own; with the record's
   * generation it is another. Null while the record is being opened.
   */
  get awareness(): Awareness | null {
    if (this.#awareness === null) return null
    this.#forEditors ??= editorAwareness(this.#awareness, fields => {
      this.#ofEditors = fields ?? {}
      this.#say()
    })
    return this.#forEditors
  }

  in(path: string): readonly Person[] {
    const people = this.#people.filter(({ field }) => field === path)
    return people.length === 0 ? NOBODY : people
  }

  /** Somebody has opened the record. */
  appear(): void {
    if (this.#isThere) return
    this.#isThere = true
    this.#say()
  }

  focus(path: string | null): void {
    if (path === this.#field) return
    this.#field = path
    this.#say()
  }

  /** As when what one was in is shown no more. */
  leave(path: string): void {
    if (path === this.#field) this.focus(null)
  }

  /** Anything small that others are to see: a cursor, a selection. */
  share(data: Value): void {
    this.#data = data
    this.#say()
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  #seen(): void {
    this.#cancelGone?.()
    this.#cancelGone = null
    const surroundings = this.#surroundings
    this.#state = surroundings?.isVisible() === false ? 'idle' : 'active'
    if (this.#state === 'idle' && surroundings !== null) {
      this.#cancelGone = surroundings.after(GONE_AFTER_MS, () => {
        this.#state = 'gone'
        this.#say()
      })
    }
    this.#say()
  }

  #say(): void {
    if (!this.#isThere) return
    const { user } = this.#ofEditors
    this.#awareness?.setLocalState({
      ...this.#ofEditors,
      user: { color: colorOf(this.#me), ...(typeof user === 'object' ? user : null), id: this.#me },
      field: this.#field,
      state: this.#state,
      ...(this.#data === null ? {} : { data: this.#data }),
    })
  }

  #leaveEditors(): void {
    this.#forEditors?.destroy()
    this.#forEditors = null
    this.#ofEditors = {}
  }

  #seeOn(): void {
    const surroundings = this.#surroundings
    if (surroundings === null) return
    this.#seenBefore = this.#people
    this.#cancelSeenBefore ??= surroundings.after(SEEN_ON_AFTER_LOSS_MS, () => {
      this.#cancelSeenBefore = null
      this.#seenBefore = NOBODY
      this.#look(false)
    })
  }

  readonly #changed = (): void => this.#look(true)

  #look(maySeeOn: boolean): void {
    const awareness = this.#awareness
    if (awareness === null) return
    const people: Person[] = []
    for (const [clientId, state] of awareness.getStates()) {
      if (clientId === awareness.clientID) continue
      const person = readPerson(clientId, state, this.#me)
      if (person !== null) people.push(person)
    }
    if (maySeeOn && people.length < this.#people.length && !this.#isCarried()) this.#seeOn()
    this.#seenBefore = this.#seenBefore.filter(
      before => !people.some(({ clientId, id }) => clientId === before.clientId || id === before.id),
    )
    people.push(...this.#seenBefore)
    people.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.clientId - b.clientId))
    if (JSON.stringify(people) === JSON.stringify(this.#people)) return
    this.#people = people.length === 0 ? NOBODY : people
    this.#told.tell()
  }
}

/** Others may run any client at all, so nothing in a state is taken for granted. */
export const readPerson = (clientId: number, state: unknown, me: string): Person | null => {
  if (typeof state !== 'object' || state === null) return null
  const { user, field, state: activity, data } = state as Record<string, unknown>
  const { id, name } = typeof user === 'object' && user !== null ? (user as Record<string, unknown>) : {}
  const userId = typeof id === 'string' ? id : ''
  return {
    clientId,
    id: userId,
    name: typeof name === 'string' && name !== '' ? name : userId,
    color: colorOf(userId),
    field: typeof field === 'string' ? field : null,
    state: activity === 'idle' || activity === 'gone' ? activity : 'active',
    me: userId === me,
    data: (data ?? null) as Value,
  }
}

/** A person has one colour on every screen, and enough of them tell ten people apart. */
export const colorOf = (userId: string): string => {
  let hash = 0
  for (const char of userId) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0
  return hexOf((hash * 137.508) % 360, 0.65, 0.42)
}

/** Editors put two digits of transparency behind a colour. */
const hexOf = (hue: number, saturation: number, lightness: number): string => {
  const reach = saturation * Math.min(lightness, 1 - lightness)
  const channel = (turn: number): string => {
    const at = (turn + hue / 30) % 12
    const level = lightness - reach * Math.max(-1, Math.min(at - 3, 9 - at, 1))
    return Math.round(level * 255)
      .toString(16)
      .padStart(2, '0')
  }
  return `#${channel(0)}${channel(8)}${channel(4)}`
}
