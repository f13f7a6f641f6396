import type { Database, Snapshot } from './level.ts'
import { under } from './level-layout.ts'
import { readThrough } from './level-salvage.ts'
import type { Finding, FindingCode } from './store.ts'
import { reasonOf } from '../../shared/reason-of.ts'

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

/** Entries of a range, some at a time; what LevelDB cannot read of it is a finding at the end. */
export async function* chunks({ db, snapshot }: View, prefix: string): AsyncGenerator<Entry[] | Finding> {
  for await (const read of readThrough(db, { ...under(prefix), snapshot })) {
    if (Array.isArray(read)) yield read
    else yield finding('UNREADABLE', prefix.slice(1), `LevelDB cannot read a part of it: ${reasonOf(read)}.`)
  }
}

/** What LevelDB cannot read of a block is missing to whoever asks for it; that it is there is said by `chunks`. */
export async function readMany(view: View, keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
  const { db, snapshot } = view
  const read = (some: readonly string[]) => db.getMany([...some], { snapshot })
  try {
    return await read(keys)
  } catch (error) {
    if (db.status !== 'open') throw error
    if (keys.length === 1) return [undefined]
    const values: (Uint8Array | undefined)[] = []
    for (const key of keys) values.push(...(await readMany(view, [key])))
    return values
  }
}

export async function readOne(view: View, key: string): Promise<Uint8Array | undefined> {
  const [value] = await readMany(view, [key])
  return value
}

export async function has(view: View, key: string): Promise<boolean> {
  return (await readOne(view, key)) !== undefined
}
