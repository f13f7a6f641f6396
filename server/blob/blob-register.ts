import type { RecordType } from '../../shared/record/record-type.ts'
import { RESULTS } from '../../shared/record/path.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Turn } from '../room/turn.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, Value, ValuePut } from '../store/store.ts'
import { damaged } from '../store/store-error.ts'
import { valuesOf } from '../store/values-of.ts'
import { referencesIn } from './blob-paths.ts'
import type { Sniffed } from './sniff-type.ts'

/**
 * What is known of each file, and which records have referred to it. A reference is noted in the commit that makes it
 * and only ever taken out by the collector, which looks at the records themselves: whoever asks by way of a reference
 * looks whether it still stands.
 */
export interface BlobNote extends Sniffed {
  readonly bytes: number
  readonly at: number
  /** Who has sent its bytes. */
  readonly by: readonly string[]
}

export interface ReferenceNote {
  readonly room: string
  readonly path: string
}

export interface UploadNote {
  readonly bytes: number
  readonly type: string
  readonly at: number
}

export const BLOBS = 'blobs'
export const REFERENCES = 'blobrefs'
export const UPLOADS = 'uploads'

const SENDERS_MAX = 50

export class BlobRegister {
  readonly #store: Pick<Store, 'readValue' | 'readValues'>
  readonly #committer: Pick<GroupCommit, 'submit'>

  constructor(store: Pick<Store, 'readValue' | 'readValues'>, committer: Pick<GroupCommit, 'submit'>) {
    this.#store = store
    this.#committer = committer
  }

  note(hash: string): Promise<BlobNote | null> {
    return this.#read<BlobNote>(BLOBS, hash)
  }

  async put(hash: string, found: Sniffed, bytes: number, at: number, by: string): Promise<void> {
    const known = await this.note(hash)
    const senders = [by, ...(known?.by ?? []).filter(one => one !== by)].slice(0, SENDERS_MAX)
    const note: BlobNote = { ...found, bytes, at: known?.at ?? at, by: senders }
    await this.write([{ space: BLOBS, key: hash, value: JSON.stringify(note) }])
  }

  upload(id: string): Promise<UploadNote | null> {
    return this.#read<UploadNote>(UPLOADS, id)
  }

  async *referencesTo(hash: string): AsyncGenerator<ReferenceNote> {
    // One that cannot be read may be the one for whose sake a file stays.
    for await (const { value } of this.values(REFERENCES, hash, refuseDamaged))
      yield JSON.parse(value) as ReferenceNote
  }

  /** Keys of all references that are noted, readable or not. */
  async referenceKeys(): Promise<Set<string>> {
    const keys = new Set<string>()
    const addDamaged = (key: string): void => {
      if (key === '') refuseDamaged(key)
      keys.add(key)
    }
    for await (const { key } of this.values(REFERENCES, '', addDamaged)) keys.add(key)
    return keys
  }

  values(space: string, prefix = '', onDamaged?: (key: string) => void): AsyncGenerator<Value> {
    return valuesOf(this.#store, space, prefix, onDamaged)
  }

  async write(values: readonly ValuePut[]): Promise<void> {
    if (values.length > 0) await this.#committer.submit({ rooms: [], values })
  }

  async #read<T>(space: string, key: string): Promise<T | null> {
    const json = await this.#store.readValue(space, key)
    // Written by this server, under the store's checksum.
    return json === null ? null : (JSON.parse(json) as T)
  }
}

export const referenceKey = (hash: string, { room, path }: ReferenceNote): string =>
  `${hash} ${encodeURIComponent(room)} ${encodeURIComponent(path)}`

export const referencePut = (hash: string, note: ReferenceNote): ValuePut => ({
  space: REFERENCES,
  key: referenceKey(hash, note),
  value: JSON.stringify(note),
})

/** Notes, in the same commit, each file that a person's change refers to. */
export const referencePublisher = (types: ReadonlyMap<string, RecordType>): PublisherPart => ({
  compose: turn => (types.has(turn.type.name) ? { values: referencesMade(turn) } : {}),
  committed() {},
})

function referencesMade({ type, room, authors }: Turn): ValuePut[] {
  const puts = new Map<string, ValuePut>()
  for (const { changes } of authors) {
    for (const { path, to } of changes) {
      if (to === null || path.startsWith(RESULTS)) continue
      for (const { ref } of referencesIn(type, path, to)) {
        const put = referencePut(ref.hash, { room, path })
        puts.set(put.key, put)
      }
    }
  }
  return [...puts.values()]
}

const refuseDamaged = (key: string): never => {
  throw damaged(`${REFERENCES}/${key}`, 'its value is damaged')
}
