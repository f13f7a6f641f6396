import { Level } from 'level'

export type Database = Level<string, Uint8Array>
export type Snapshot = ReturnType<Database['snapshot']>
export type WriteBatch = ReturnType<Database['batch']>

interface LevelOptions {
  readonly cacheSize?: number
  readonly writeBufferSize?: number
  readonly createIfMissing?: boolean
}

export const newLevel = (location: string, options: LevelOptions = {}): Database =>
  new Level(location, { keyEncoding: 'utf8', valueEncoding: 'view', ...options })
