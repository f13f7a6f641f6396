import type { RecordType } from '../../shared/record/record-type.ts'
import { RESULTS } from '../../shared/record/path.ts'
import { isAdmin, type Principal } from '../access/principal.ts'
import type { PublisherPart } from '../room/combine-publishers.ts'
import type { Turn } from '../room/turn.ts'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store, Value, ValuePut } from '../store/store.ts'
import { damaged } from '../store/store-error.ts'
import { valuesOf } from '../store/values-of.ts'
import { hasBlobs, referencesIn } from './blob-paths.ts'
import type { Sniffed } from './sniff-type.ts'

/**
 * What is known of each file, and which records have referred to it. A reference is noted in the commit that makes it
 * and only ever taken out by the collector, which looks at the records themselves: whoever asks by way of a reference
 * looks whether it still stands. One by somebody who has neither sent the file nor may pass it on opens it to nobody: a
 * hash can be known without the file. Such are noted apart, until their author turns out to be one who may.
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
const UNPROVED = 'blobrefsunproved'
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
    await this.prove(hash, by)
  }

  upload(id: string): Promise<UploadNote | null> {
    return this.#read<UploadNote>(UPLOADS, id)
  }

  async *referencesTo(hash: string): AsyncGenerator<ReferenceNote> {
    // One that cannot be read may be the one for whose sake a file stays.
    for await (const { value } of this.values(REFERENCES, hash, refuseDamaged))
      yield JSON.parse(value) as ReferenceNote
  }

  /** Those that this person has made; or all. */
  async *unprovedTo(hash: string, by?: string): AsyncGenerator<ReferenceNote> {
    const prefix = by === undefined ? hash : unprovedKey(hash, by)
    for await (const { value } of this.values(UNPROVED, prefix, refuseDamaged))
      yield JSON.parse(value) as ReferenceNote
  }

  async hasUnproved(hash: string, by: string): Promise<boolean> {
    for await (const _ of this.unprovedTo(hash, by)) return true
    return false
  }

  /** This person has the file, or may pass it on. */
  async prove(hash: string, by: string): Promise<void> {
    const puts: ValuePut[] = []
    for await (const note of this.unprovedTo(hash, by))
      puts.push(referencePut(hash, note), { ...unprovedPut(hash, by, note), value: null })
    await this.write(puts)
  }

  /** Where each reference is noted, readable or not, by its key. */
  async noted(): Promise<Map<string, ValuePut[]>> {
    const noted = new Map<string, ValuePut[]>()
    for (const space of [REFERENCES, UNPROVED]) {
      const add = (key: string): void => {
        if (key === '') refuseDamaged(key)
        const [hash, ...rest] = key.split(' ')
        const reference = space === UNPROVED ? [hash, ...rest.slice(1)].join(' ') : key
        noted.set(reference, [...(noted.get(reference) ?? []), { space, key, value: null }])
      }
      for await (const { key } of this.values(space, '', add)) add(key)
    }
    return noted
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

const unprovedKey = (hash: string, by: string): string => `${hash} ${encodeURIComponent(by)} `

const unprovedPut = (hash: string, by: string, note: ReferenceNote): ValuePut => {
  const { key, value } = referencePut(hash, note)
  return { space: UNPROVED, key: unprovedKey(hash, by) + key.slice(hash.length + 1), value }
}

/** Notes, in the same commit, each file that a person's change refers to. `made`: after it, by whom that was. */
export const referencePublisher = (
  types: ReadonlyMap<string, RecordType>,
  made: (principal: Principal, hash: string) => void,
): PublisherPart => {
  // Most edits are of others, and are not looked through.
  const ofTypes = new Set([...types.values()].filter(hasBlobs).map(({ name }) => name))
  return {
    compose: turn => {
      if (!ofTypes.has(turn.type.name)) return {}
      const values = referencesMade(turn).map(({ hash, principal, ...note }) =>
        isToBeProved(principal) ? unprovedPut(hash, principal.id, note) : referencePut(hash, note),
      )
      return values.length === 0 ? {} : { values }
    },
    committed(turn) {
      if (!ofTypes.has(turn.type.name)) return
      for (const { hash, principal } of referencesMade(turn))
        if (isToBeProved(principal)) made(principal, hash)
    },
  }
}

/** An administrator may read all there is; an import by one may come before its files, which somebody else sends. */
const isToBeProved = (principal: Principal | null): principal is Principal =>
  principal !== null && !isAdmin(principal)

interface Made extends ReferenceNote {
  readonly hash: string
  readonly principal: Principal | null
}

function referencesMade({ type, room, authors }: Pick<Turn, 'type' | 'room' | 'authors'>): Made[] {
  const all: Made[] = []
  for (const { changes, principal } of authors) {
    for (const { path, to } of changes) {
      if (to === null || path.startsWith(RESULTS)) continue
      for (const { ref } of referencesIn(type, path, to)) all.push({ hash: ref.hash, room, path, principal })
    }
  }
  return all
}

const refuseDamaged = (key: string): never => {
  throw damaged(`${REFERENCES}/${key}`, 'its value is damaged')
}
