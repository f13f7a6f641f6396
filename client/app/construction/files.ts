// Files of records, kept on the device until they are sent.

import { useEffect, useState } from 'react'
import type { BlobRef } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'

/** What is used of the desk's files. */
interface KeptFiles {
  keep(file: Blob, name?: string): Promise<BlobRef>
  state(hash: string): { readonly state: 'queued' | 'sending' | 'sent' | 'failed'; readonly progress: number }
  url(ref: BlobRef, size?: 'thumb' | 'full'): Promise<string>
  subscribe(tell: () => void): () => void
}

/** Null where this client keeps no files. */
export const useKeptFiles = (): KeptFiles | null => {
  const desk: object = useDesk()
  return 'files' in desk && typeof desk.files === 'object' && desk.files !== null && 'keep' in desk.files
    ? (desk.files as KeptFiles)
    : null
}

export interface ShownFile {
  readonly url: string | undefined
  readonly state: 'loading' | 'queued' | 'sending' | 'sent' | 'failed' | 'missing'
}

export const useShownFile = (ref: BlobRef | null, size: 'thumb' | 'full' = 'full'): ShownFile => {
  const files = useKeptFiles()
  const [url, setUrl] = useState<string | undefined>()
  const [isMissing, setIsMissing] = useState(false)
  const [sending, setSending] = useState<'queued' | 'sending' | 'sent' | 'failed'>('sent')
  const hash = ref?.hash
  useEffect(() => {
    if (files === null || ref === null) {
      setIsMissing(files === null)
      return undefined
    }
    let isDone = false
    files.url(ref, size).then(
      next => {
        if (isDone) return
        setUrl(next)
        setIsMissing(false)
      },
      () => {
        if (!isDone) setIsMissing(true)
      },
    )
    const look = (): void => setSending(files.state(ref.hash).state)
    const stop = files.subscribe(look)
    look()
    return () => {
      isDone = true
      stop()
    }
    // The hash is the file, whichever object names it.
    // biome-ignore lint/correctness/useExhaustiveDependencies: as above
  }, [files, hash, size])
  return { url, state: url === undefined ? (isMissing ? 'missing' : 'loading') : sending }
}
