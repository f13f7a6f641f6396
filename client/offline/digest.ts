// What others changed while one was away, field by field, and what became of one's own edits. Kept until the person
// has looked.

import { splitPath, unescapeSegment } from '../../shared/record/path.ts'
import { sameValue, type Value } from '../../shared/record/value.ts'
import { isObject } from '../../shared/is-object.ts'
import type { LocalStore } from '../local/local-store.ts'
import { Told } from '../told.ts'

export interface DigestItem {
  readonly room: string
  readonly path: string
  readonly before: unknown
  readonly after: unknown
  readonly by: string
  readonly at: number
  /** Of a path that this person wrote meanwhile too: whose value counts now; or that it was not taken. */
  readonly outcome: 'changed' | 'mine won' | 'mine lost' | 'refused'
}

/** A month away from a thousand records is told in part. */
const ITEMS_MAX = 500

export class Digest {
  /** As of the desk. */
  readonly [Symbol.toStringTag] = 'Digest'
  readonly #told = new Told()
  readonly #store: () => LocalStore | null
  #items: readonly DigestItem[] | undefined

  constructor(store: () => LocalStore | null) {
    this.#store = store
  }

  /** The latest first; undefined until the device has been asked. */
  get items(): readonly DigestItem[] | undefined {
    return this.#items
  }

  readonly subscribe = (tell: () => void): (() => void) => this.#told.subscribe(tell)

  async load(): Promise<void> {
    const kept = await this.#store()?.get('meta', ['digest'])
    this.#items = Array.isArray(kept) ? (kept as DigestItem[]) : []
    this.#told.tell()
  }

  /** Of one field the first «before» and the last «after» are told. */
  add(items: readonly DigestItem[]): void {
    if (items.length === 0) return
    const byPath = new Map((this.#items ?? []).map(item => [keyOf(item), item]))
    for (const item of items) {
      const known = byPath.get(keyOf(item))
      byPath.delete(keyOf(item))
      const isBack = known !== undefined && isSameJson(known.before, item.after) && item.outcome === 'changed'
      if (!isBack) byPath.set(keyOf(item), known === undefined ? item : { ...item, before: known.before })
    }
    this.#set([...byPath.values()].sort((a, b) => b.at - a.at).slice(0, ITEMS_MAX))
  }

  /** All of it, or what concerns one record, has been seen. */
  dismiss(room?: string): void {
    this.#set(room === undefined ? [] : (this.#items ?? []).filter(item => item.room !== room))
  }

  #set(items: readonly DigestItem[]): void {
    this.#items = items
    this.#told.tell()
    // Told from memory where there is no room to keep it.
    this.#store()
      ?.commit([{ put: 'meta', key: ['digest'], value: JSON.parse(JSON.stringify(items)) }])
      .catch(() => {})
  }
}

/** What stands at a path of a view: a field, an entry of a list, a field of one; `true` for an element of a set. */
export const valueIn = (view: unknown, path: string): unknown => {
  const [field = '', key, part] = splitPath(path)
  if (!isObject(view)) return undefined
  const value = view[field]
  if (key === undefined || !Array.isArray(value)) return value
  const id = unescapeSegment(key)
  if (value.includes(id)) return true
  const entry: unknown = value.find(one => isObject(one) && one.id === id)
  return part === undefined || !isObject(entry) ? entry : entry[part]
}

/** Fields of an entry that came, or went, as a whole are told as the entry; what each wrote of a count as the count. */
export const toldPaths = (paths: Iterable<string>, before: unknown, after: unknown): readonly string[] => {
  const told = new Set<string>()
  for (const path of paths) {
    if (path === '' || path.startsWith('$')) continue
    const [field = '', key, part] = splitPath(path)
    if (key === undefined || !isListed(before, field) || !isListed(after, field)) {
      told.add(field)
      continue
    }
    const entry = `${field}/${key}`
    const isWhole = (valueIn(before, entry) === undefined) !== (valueIn(after, entry) === undefined)
    told.add(isWhole || part === undefined || part.startsWith('$') ? entry : `${entry}/${part}`)
  }
  return [...told].filter(path => !isSameJson(valueIn(before, path), valueIn(after, path)))
}

const isListed = (view: unknown, field: string): boolean => isObject(view) && Array.isArray(view[field])

const keyOf = ({ room, path }: DigestItem): string => `${room} ${path}`

/** What stands in views is JSON. */
const isSameJson = (a: unknown, b: unknown): boolean => sameValue((a ?? null) as Value, (b ?? null) as Value)
