import type { DeskStatus } from '../../index.ts'
import { useSync } from '../../react/index.ts'
import { useAppWords } from '../words/app-words.ts'

/** What stands in the way of keeping anything on this device; null where nothing does. */
export const useStorageSentence = (): string | null => {
  const words = useAppWords()
  const storage = storageOf(useSync())
  if (storage === 'device') return null
  return {
    memory: words.storageMemory,
    full: words.storageFull,
    denied: words.storageDenied,
    stuck: words.storageStuck,
    corrupt: words.storageCorrupt,
  }[storage]
}

/** A photo may find no room where a word does. */
const storageOf = ({ storage, files }: DeskStatus): DeskStatus['storage'] =>
  storage === 'device' && files.onDevice < files.queued + files.sending ? 'full' : storage
