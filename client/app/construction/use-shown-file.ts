import type { BlobRef } from '../../../shared/index.ts'
import { useFile, type UsedFile } from '../../react/index.ts'
import { useSettled } from '../shell/use-settled.ts'

export interface ShownFile extends UsedFile {
  /** It is neither here nor to be had now. */
  readonly isMissing: boolean
}

const PATIENCE_MS = 4_000

export const useShownFile = (ref: BlobRef | null, size: 'thumb' | 'full' = 'full'): ShownFile => {
  const file = useFile(ref, size)
  const isMissing = useSettled(file.url === undefined, ref === null ? 0 : PATIENCE_MS)
  return { ...file, isMissing }
}
