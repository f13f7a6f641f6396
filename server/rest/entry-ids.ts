import { createHash } from 'node:crypto'
import type { RecordType } from '../../shared/record/record-type.ts'
import { isObject } from '../../shared/is-object.ts'
import type { Patch } from './apply-patch.ts'

/**
 * Entries that come without an id get one of what stands in them: a file that is imported again, as after an import
 * that was broken off, finds those that it brought. Of two that are equal in one file the second is another.
 */
export class EntryIds {
  readonly #told = new Map<string, number>()

  given(type: RecordType, id: string, values: Patch): Patch {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => {
        const kind = Object.hasOwn(type.fields, name) ? type.fields[name]?.kind : undefined
        const isList = (kind === 'list' || kind === 'log') && Array.isArray(value)
        return [name, isList ? value.map(entry => this.#named(`${id} ${name}`, entry)) : value]
      }),
    )
  }

  #named(list: string, entry: unknown): unknown {
    if (!isObject(entry) || typeof entry['id'] === 'string') return entry
    const key = hashOf(`${list} ${JSON.stringify(entry)}`)
    const before = this.#told.get(key) ?? 0
    this.#told.set(key, before + 1)
    return { ...entry, id: before === 0 ? key : hashOf(`${key} ${before}`) }
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 16)
