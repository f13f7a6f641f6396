import { reasonOf } from '../../shared/reason-of.ts'
import type { Finding, Store } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'
import type { BlobFiles } from './blob-files.ts'
import { BLOBS, REFERENCES } from './blob-register.ts'

/** Files against their names, and what records refer to against the files: the database knows nothing of their bytes. */
export async function* verifyBlobs(
  store: Pick<Store, 'readValue' | 'readValues'>,
  files: Pick<BlobFiles, 'all' | 'hashOf' | 'size'>,
): AsyncGenerator<Finding> {
  for await (const { name } of files.all()) {
    if (!/^[0-9a-f]{64}$/.test(name)) continue
    const problem = await problemOf(files, name)
    const path = `blobs/${name.slice(0, 2)}/${name}`
    if (problem !== null) yield { code: 'BLOB_DAMAGED', name: path, sentence: `${path}: ${problem}.` }
  }
  const missing = new Set<string>()
  for await (const { key } of valuesOf(store, REFERENCES)) {
    const [hash = '', room = ''] = key.split(' ').map(decodeURIComponent)
    if ((await files.size(hash)) !== null || !(await hasCome(store, hash))) continue
    if (missing.has(`${hash} ${room}`)) continue
    missing.add(`${hash} ${room}`)
    const sentence = `${room}: the file blobs/${hash.slice(0, 2)}/${hash} is missing.`
    yield { code: 'BLOB_MISSING', name: room, sentence }
  }
}

/** Null: it is whole, or was removed meanwhile. On a disk that fails, one that cannot be read hides no other. */
const problemOf = (files: Pick<BlobFiles, 'hashOf'>, name: string): Promise<string | null> =>
  files.hashOf(name).then(
    hash => (hash === null || hash === name ? null : 'its bytes are not those that it is named by'),
    error => `it cannot be read (${reasonOf(error)})`,
  )

/** One that never came is nobody's loss. What cannot be read of it was named before. */
const hasCome = (store: Pick<Store, 'readValue'>, hash: string): Promise<boolean> =>
  store.readValue(BLOBS, hash).then(
    note => note !== null,
    () => true,
  )
