import type { RecordType } from '../../shared/record/record-type.ts'
import { CellIndex } from '../../shared/record/cell-index.ts'
import { headsOf } from '../store/heads-of.ts'
import { storedDoc } from '../room/stored-doc.ts'
import type { Store, ValuePut } from '../store/store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { BlobFiles } from './blob-files.ts'
import { hasBlobs, referencesOf } from './blob-paths.ts'
import { BLOBS, type BlobRegister, referenceKey, referencePut } from './blob-register.ts'
import type { Thumbnails } from './thumbnails.ts'

/**
 * Removes files that no record refers to, some time after they came or were last referred to. It looks at every
 * record that can refer to one, as it is stored, removed ones too: they can be restored. What it finds also puts the
 * notes of references in order, as after an import that brought records without them.
 */
export interface CollectParts {
  readonly store: Pick<Store, 'readHeads' | 'loadRoom'>
  readonly types: ReadonlyMap<string, RecordType>
  readonly files: BlobFiles
  readonly register: BlobRegister
  readonly thumbnails: Thumbnails
  readonly now: () => number
  readonly graceMs: number
}

export interface Collected {
  readonly files: number
  readonly bytes: number
}

/** Files that nobody refers to are remembered from the first look that found them so. */
const UNREFERRED = 'blobsunreferred'

const NOTES_AT_ONCE = 500

export async function collectBlobs(parts: CollectParts, ending?: AbortSignal): Promise<Collected> {
  const { files, register, thumbnails, now, graceMs } = parts
  const before = new Map<string, number>()
  for await (const { key, value } of register.values(UNREFERRED)) before.set(key, Number(value))
  const collected = { files: 0, bytes: 0 }
  const referred = await lookThrough(parts, ending)
  // What was not looked at may refer to any.
  if (ending?.aborted) return collected
  const notes: ValuePut[] = []
  for await (const { name: hash, bytes, at } of files.all()) {
    if (ending?.aborted) break
    const since = before.get(hash)
    if (referred.has(hash)) {
      if (since !== undefined) notes.push({ space: UNREFERRED, key: hash, value: null })
    } else if (since === undefined) {
      notes.push({ space: UNREFERRED, key: hash, value: String(now()) })
    } else if (now() - since >= graceMs && now() - at >= graceMs && !(await isReferredNow(parts, hash))) {
      // First: once the file is gone, nobody comes by here for what was made of it.
      await thumbnails.forget(hash)
      if (!files.removeOlder(hash, now() - graceMs)) continue
      // At once: noted when all are through, it would take the note of one that has come again meanwhile.
      await register.write([BLOBS, UNREFERRED].map(space => ({ space, key: hash, value: null })))
      collected.files++
      collected.bytes += bytes
    }
  }
  await register.write(notes)
  return collected
}

/** All hashes that records refer to; notes of references are brought in line on the way. */
async function lookThrough(parts: CollectParts, ending?: AbortSignal): Promise<ReadonlySet<string>> {
  const { files, register } = parts
  const known = await register.noted()
  const referred = new Set<string>()
  const found = new Set<string>()
  let puts: ValuePut[] = []
  for await (const { hash, room, path } of allReferences(parts, ending)) {
    referred.add(hash)
    const key = referenceKey(hash, { room, path })
    found.add(key)
    if (!known.has(key) && !(await isUnproved(parts, key, hash)))
      puts.push(referencePut(hash, { room, path }))
    if (puts.length < NOTES_AT_ONCE) continue
    await register.write(puts)
    puts = []
  }
  await register.write(puts)
  for (const [key, notes] of known) {
    if (ending?.aborted) break
    if (found.has(key)) continue
    const hash = key.slice(0, key.indexOf(' '))
    // Made while this looked, or in a record that cannot be read now: it stays.
    if (await stands(parts, key)) referred.add(hash)
    // As long as the file waits, whoever took the last reference out may put it back.
    else if (referred.has(hash) || (await files.size(hash)) === null) await register.write(notes)
  }
  return referred
}

/** Made while this looked. */
async function isUnproved({ register }: CollectParts, key: string, hash: string): Promise<boolean> {
  for await (const note of register.unprovedTo(hash)) if (referenceKey(hash, note) === key) return true
  return false
}

async function* allReferences(
  { store, types }: CollectParts,
  ending?: AbortSignal,
): AsyncGenerator<{ hash: string; room: string; path: string }> {
  for await (const head of headsOf(store)) {
    if (ending?.aborted) return
    const type = types.get(head.type)
    if (type === undefined || head.state === 'purged' || !hasBlobs(type)) continue
    try {
      yield* referencesInRoom(store, type, head.room)
    } catch (error) {
      if (!isStoreError(error, 'STORE_DAMAGED')) throw error
    }
    await new Promise(resolve => setImmediate(resolve))
  }
}

async function* referencesInRoom(
  store: CollectParts['store'],
  type: RecordType,
  room: string,
): AsyncGenerator<{ hash: string; room: string; path: string }> {
  const stored = await store.loadRoom(room)
  if (stored === null) return
  const doc = storedDoc(stored)
  try {
    for (const { ref, path } of referencesOf(type, new CellIndex(doc))) yield { hash: ref.hash, room, path }
  } finally {
    doc.destroy()
  }
}

/** A record may have come to refer to it since it was looked at. */
async function isReferredNow(parts: CollectParts, hash: string): Promise<boolean> {
  const { register } = parts
  for (const notes of [register.referencesTo(hash), register.unprovedTo(hash)])
    for await (const note of notes) if (await stands(parts, referenceKey(hash, note))) return true
  return false
}

async function stands({ store, types }: CollectParts, key: string): Promise<boolean> {
  const [hash, room = ''] = key.split(' ').map(decodeURIComponent)
  const type = types.get(room.slice(0, room.indexOf(':')))
  // A type that is not configured today may be tomorrow.
  if (type === undefined) return true
  try {
    for await (const reference of referencesInRoom(store, type, room))
      if (reference.hash === hash) return true
    return false
  } catch (error) {
    if (isStoreError(error, 'STORE_DAMAGED')) return true
    throw error
  }
}
