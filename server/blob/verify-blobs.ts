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
    // Null: it was removed meanwhile.
    const hash = await files.hashOf(name)
    if (hash === null || hash === name) continue
    const path = `blobs/${name.slice(0, 2)}/${name}`
    yield {
      code: 'BLOB_DAMAGED',
      name: path,
      sentence: `${path}: its bytes are not those that it is named by.`,
    }
  }
  const missing = new Set<string>()
  for await (const { key } of valuesOf(store, REFERENCES)) {
    const [hash = '', room = ''] = key.split(' ').map(decodeURIComponent)
    // One that never came is nobody's loss.
    if ((await files.size(hash)) !== null || (await store.readValue(BLOBS, hash)) === null) continue
    if (missing.has(`${hash} ${room}`)) continue
    missing.add(`${hash} ${room}`)
    const sentence = `${room}: the file blobs/${hash.slice(0, 2)}/${hash} is missing.`
    yield { code: 'BLOB_MISSING', name: room, sentence }
  }
}
