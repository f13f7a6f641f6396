import { Level } from 'level'

export type Database = Level<string, Uint8Array>
export type Snapshot = ReturnType<Database['snapshot']>
export type WriteBatch = ReturnType<Database['batch']>

interface LevelSizes {
  readonly cacheSize?: number
  readonly writeBufferSize?: number
}

export const newLevel = (location: string, sizes: LevelSizes = {}): Database =>
  new Level(location, { keyEncoding: 'utf8', valueEncoding: 'view', ...sizes })
