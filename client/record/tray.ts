// What a person wrote and the server would not take, or what could not be put back: kept until the person has
// seen it and said what is to become of it.

import { CREATED, entryPathOf } from '../../shared/record/path.ts'
import { placeOf, type Problem, RecordError, throwIfAny } from '../../shared/record/record-error.ts'
import type { PutBack, UnsentContent } from '../../shared/record/rebase.ts'
import type { LocalStore, LocalWrite } from '../local/local-store.ts'
import { Told } from '../told.ts'

export interface TrayItem {
  readonly id: string
  readonly room: string
  readonly path: string
  readonly value: unknown
  /** For the clipboard. */
  readonly text: string
  readonly at: number
  readonly code: string
  readonly sentence: string
  /** It was written again from here, and has come back. */
  readonly isAgain?: boolean
}

/** Settled when it is written; `decided` when the server has taken it, or has refused it once more. */
type WriteAgain = (
  room: string,
  contents: readonly UnsentContent[],
  decided: () => void,
) => Promise<PutBack['unplaced']>

interface KeptItem extends TrayItem {
  readonly content: UnsentContent
}

export class Tray {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'Tray'
  readonly #told = new Told()
  readonly #store: () => LocalStore | null
  readonly #putBack: WriteAgain
  readonly #tellTabs: () => void
  #items: readonly KeptItem[] | undefined
  /** Of those, what the device has not taken, and so no reading of it shows. */
  readonly #notKept = new Set<string>()
  /** Of those, what is about to be written again. */
  readonly #underWay = new Set<string>()
  /** What was written again: should it come back, it says so. */
  readonly #retried = new Set<string>()

  constructor(store: () => LocalStore | null, putBack: WriteAgain, tellTabs: () => void) {
    this.#store = store
    this.#putBack = putBack
    this.#tellTabs = tellTabs
  }

  get items(): readonly TrayItem[] | undefined {
    return this.#items
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  /** Reads what earlier visits, or other tabs, have left here. */
  async load(): Promise<void> {
    const entries = (await this.#store()?.list('tray', [])) ?? []
    const kept = entries.map(({ value }) => value as KeptItem)
    for (const { id } of kept) this.#notKept.delete(id)
    const others = (this.#items ?? []).filter(({ id }) => this.#notKept.has(id))
    this.#set([...kept, ...others].sort((a, b) => a.at - b.at))
  }

  /**
   * Shows the items at once; the answer is to be committed together with what they were taken out of. `from`: the
   * client id under which that was written to, since several tabs may put words of one text here in one millisecond.
   */
  add(
    room: string,
    contents: readonly UnsentContent[],
    reason: { readonly code: string; readonly sentence: string },
    at: number,
    from: number,
  ): LocalWrite[] {
    const ownOf = reasonsByPlace(reason.sentence)
    const items = contents.map(content => {
      const item = toItem(room, content, { ...reason, sentence: ownOf(content) }, at, from)
      return this.#retried.delete(editOf(item)) ? { ...item, isAgain: true } : item
    })
    const known = new Set(items.map(({ id }) => id))
    this.#set([...(this.#items ?? []).filter(({ id }) => !known.has(id)), ...items])
    for (const id of known) this.#notKept.add(id)
    return items.map(item => ({ put: 'tray', key: [item.id], value: item }))
  }

  /** What was added is on the device: other tabs of this person may show it too. */
  wasKept(added: readonly LocalWrite[]): void {
    if (added.length === 0) return
    for (const write of added) if ('put' in write) this.#notKept.delete(String(write.key[0]))
    this.#tellTabs()
  }

  /** Of what was added, and goes to the device only now: what was put away since does not, the rest as it is by now. */
  asNow(added: readonly LocalWrite[]): LocalWrite[] {
    // A whole table that was pasted may have been refused, and a full device is asked every few seconds.
    const items = new Map<unknown, KeptItem>((this.#items ?? []).map(item => [item.id, item]))
    return added.flatMap(write => {
      if (!('put' in write) || write.put !== 'tray') return [write]
      const item = items.get(write.key[0])
      return item === undefined ? [] : [{ ...write, value: item }]
    })
  }

  refusalAt(room: string, path: string): TrayItem | null {
    return (
      this.#items?.findLast(
        item => item.room === room && (path === '' || item.path === path || item.path.startsWith(`${path}/`)),
      ) ?? null
    )
  }

  refusedIn(room: string): number {
    return this.#items?.filter(item => item.room === room).length ?? 0
  }

  /**
   * Writes it again, as of now, with all else of what was begun with it. What cannot even be written stays, with the
   * reason, which is thrown as well.
   */
  async retry(id: string): Promise<void> {
    const item = this.#items?.find(one => one.id === id)
    // The record may take its time to load, and whoever presses twice means once.
    if (item === undefined || this.#underWay.has(id)) return
    const all = this.#begunWith(item)
    for (const one of all) {
      this.#retried.add(editOf(one))
      this.#underWay.add(one.id)
    }
    const unplaced = await this.#writeAgain(item, all)
    const left = unplaced.flatMap(({ content, why }) => {
      const one = all.find(({ content: own }) => isSameContent(own, content))
      return one === undefined ? [] : [{ one, why }]
    })
    await this.#remove(all.filter(one => left.every(other => other.one !== one)).map(one => one.id))
    const problems = left.map(
      ({ one: { path }, why }): Problem => ({ code: 'WRONG_STATE', path, sentence: why }),
    )
    for (const [i, { one }] of left.entries()) await this.#staysFor(one, problems[i])
    throwIfAny(problems)
  }

  async #writeAgain(item: KeptItem, all: readonly KeptItem[]): Promise<PutBack['unplaced']> {
    const contents = all.map(({ content }) => content)
    const forget = (): void => {
      for (const one of all) this.#retried.delete(editOf(one))
    }
    try {
      return await this.#putBack(item.room, contents, forget)
    } catch (error) {
      forget()
      if (error instanceof RecordError) await this.#staysFor(item, error.problems[0])
      throw error
    } finally {
      for (const one of all) this.#underWay.delete(one.id)
    }
  }

  /** A record, or an entry of a list, has to have what it is begun with: its parts alone would be refused again. */
  #begunWith(item: KeptItem): readonly KeptItem[] {
    const ofRecord = (this.#items ?? []).filter(({ room }) => room === item.room)
    if (ofRecord.some(({ path }) => path === CREATED)) return ofRecord
    const entry = entryPathOf(item.path)
    return ofRecord.some(({ path }) => path === `${entry}/${CREATED}`)
      ? ofRecord.filter(({ path }) => path.startsWith(`${entry}/`))
      : [item]
  }

  discard(id: string): void {
    void this.#remove([id])
  }

  discardAll(): void {
    void this.#remove((this.#items ?? []).map(({ id }) => id))
  }

  async #staysFor(item: KeptItem, problem: Problem | undefined): Promise<void> {
    this.#retried.delete(editOf(item))
    const { code, sentence } = problem ?? item
    const again: KeptItem = { ...item, code, sentence, isAgain: true }
    this.#set((this.#items ?? []).map(one => (one.id === item.id ? again : one)))
    const write: LocalWrite = { put: 'tray', key: [item.id], value: again }
    await this.#store()
      ?.commit([write])
      .catch(() => {})
    this.#tellTabs()
  }

  async #remove(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#notKept.delete(id)
    this.#set((this.#items ?? []).filter(({ id }) => !ids.includes(id)))
    await this.#store()
      ?.commit(ids.map(id => ({ remove: 'tray', key: [id] })))
      .catch(() => {})
    this.#tellTabs()
  }

  #set(items: readonly KeptItem[]): void {
    this.#items = items
    this.#told.tell()
  }
}

const isSameContent = (a: UnsentContent, b: UnsentContent): boolean =>
  'cell' in a ? 'cell' in b && a.cell === b.cell : 'text' in b && a.text === b.text

/** An edit has one place in the tray, however many tabs bring it. */
const toItem = (
  room: string,
  content: UnsentContent,
  { code, sentence }: { readonly code: string; readonly sentence: string },
  at: number,
  from: number,
): KeptItem => {
  if ('cell' in content) {
    const { cell } = content
    const id = `${room} ${cell.stamp} ${cell.client} ${cell.clock}`
    return {
      id,
      room,
      path: cell.path,
      value: cell.value,
      text: toText(cell.value),
      at,
      code,
      sentence,
      content,
    }
  }
  const { field, mine } = content.text
  const text = mine.map(({ insert }) => (typeof insert === 'string' ? insert : '\uFFFC')).join('')
  const id = `${room} ${field} ${at} ${from}`
  return { id, room, path: field, value: text, text, at, code, sentence, content }
}

const editOf = ({ room, path, text, content }: KeptItem): string =>
  JSON.stringify([room, path, 'cell' in content ? text : ''])

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/**
 * Of an update that was refused whole each reason names its path; an item has its own, and what an entry was refused
 * for is so of each part of it.
 */
const reasonsByPlace = (sentence: string): ((content: UnsentContent) => string) => {
  const own = new Map<string, string>()
  const ofEntry = new Map<string, string>()
  for (const reason of sentence.split('; ').reverse()) {
    const colon = reason.indexOf(': ')
    if (colon <= 0) continue
    const [place, why] = [reason.slice(0, colon), reason.slice(colon + 2)]
    own.set(place, why)
    const entry = entryPathOf(place)
    const others = ofEntry.get(entry)
    const ofPart = `${place.slice(entry.length + 1)}: ${why}`
    if (entry !== place) ofEntry.set(entry, others === undefined ? ofPart : `${ofPart}; ${others}`)
  }
  return content => {
    const path = 'cell' in content ? content.cell.path : content.text.field
    return own.get(placeOf(path)) ?? ofEntry.get(entryPathOf(path)) ?? sentence
  }
}
