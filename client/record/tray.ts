// What a person wrote and the server would not take, or what could not be put back: kept until the person has
// seen it and said what is to become of it.

import { placeOf, RecordError } from '../../shared/record/record-error.ts'
import type { UnsentCell, UnsentText } from '../../shared/record/rebase.ts'
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

export type TrayContent = { readonly cell: UnsentCell } | { readonly text: UnsentText }

interface KeptItem extends TrayItem {
  readonly content: TrayContent
}

export class Tray {
  readonly #told = new Told()
  readonly #store: () => LocalStore | null
  readonly #putBack: (room: string, content: TrayContent) => Promise<void>
  readonly #tellTabs: () => void
  #items: readonly KeptItem[] | undefined
  /** Of those, what the device has not taken, and so no reading of it shows. */
  readonly #notKept = new Set<string>()
  /** What was written again: should it come back, it says so. */
  readonly #retried = new Set<string>()

  constructor(
    store: () => LocalStore | null,
    putBack: (room: string, content: TrayContent) => Promise<void>,
    tellTabs: () => void,
  ) {
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

  /** Shows the items at once; the answer is to be committed together with what they were taken out of. */
  add(
    room: string,
    contents: readonly TrayContent[],
    reason: { readonly code: string; readonly sentence: string },
    at: number,
  ): LocalWrite[] {
    const items = contents.map(content => {
      const item = toItem(room, content, { ...reason, sentence: ownOf(content, reason.sentence) }, at)
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

  /** Writes it again, as of now. What cannot even be written stays, with the reason, which is thrown as well. */
  async retry(id: string): Promise<void> {
    const item = this.#items?.find(one => one.id === id)
    if (item === undefined) return
    this.#retried.add(editOf(item))
    try {
      await this.#putBack(item.room, item.content)
    } catch (error) {
      this.#retried.delete(editOf(item))
      if (error instanceof RecordError) await this.#staysFor(item, error)
      throw error
    }
    await this.#remove([id])
  }

  discard(id: string): void {
    void this.#remove([id])
  }

  discardAll(): void {
    void this.#remove((this.#items ?? []).map(({ id }) => id))
  }

  async #staysFor(item: KeptItem, { code, message, problems: [problem] }: RecordError): Promise<void> {
    const again: KeptItem = { ...item, code, sentence: problem?.sentence ?? message, isAgain: true }
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

/** An edit has one place in the tray, however many tabs bring it. */
const toItem = (
  room: string,
  content: TrayContent,
  { code, sentence }: { readonly code: string; readonly sentence: string },
  at: number,
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
  return { id: `${room} ${field} ${at}`, room, path: field, value: text, text, at, code, sentence, content }
}

const editOf = ({ room, path, text, content }: KeptItem): string =>
  JSON.stringify([room, path, 'cell' in content ? text : ''])

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Of an update that was refused whole each reason names its path; an item has its own. */
const ownOf = (content: TrayContent, sentence: string): string => {
  const path = 'cell' in content ? content.cell.path : content.text.field
  const place = `${placeOf(path)}: `
  const own = sentence.split('; ').find(reason => reason.startsWith(place))
  return own === undefined ? sentence : own.slice(place.length)
}
