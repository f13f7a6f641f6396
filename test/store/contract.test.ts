import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LevelStore } from '../../server/store/level-store.ts'
import { MemoryStore } from './memory-store.ts'
import { describeStore } from './contract.ts'

describeStore('the store in memory', () => ({ store: new MemoryStore() }))

describeStore('the store on LevelDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'corecord-store-'))
  return {
    store: new LevelStore({ folder }),
    dispose: async () => rmSync(folder, { recursive: true, force: true }),
  }
})
