import type { Database, Snapshot } from './level-database.ts'
import { under } from './level-layout.ts'
import { readThrough } from './level-salvage.ts'
import type { Finding, FindingCode } from './store.ts'

export type Entry = [key: string, value: Uint8Array]

/** The database at one moment. */
export interface View {
  readonly db: Database
  readonly snapshot: Snapshot
}

export const finding = (code: FindingCode, name: string, sentence: string): Finding => ({
  code,
  name,
  sentence,
})

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Entries of a range, some at a time; what LevelDB cannot read of it is a finding at the end. */
export async function* chunks({ db, snapshot }: View, prefix: string): AsyncGenerator<Entry[] | Finding> {
  for await (const read of readThrough(db, { ...under(prefix), snapshot })) {
    if (Array.isArray(read)) yield read
    else yield finding('UNREADABLE', prefix.slice(1), `LevelDB cannot read a part of it: ${reasonOf(read)}.`)
  }
}

export async function has({ db, snapshot }: View, key: string): Promise<boolean> {
  return db.has(key, { snapshot })
}
