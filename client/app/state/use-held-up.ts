import { useSync } from '../../react/index.ts'
import { useSettled } from '../shell/use-settled.ts'

/** Longer than a slow line takes, and sooner than a person gives up. */
const UNSAVED_MS = 8_000
const UNANSWERED_MS = 5_000

/**
 * What a part of the server that does not run means to whoever is at the screen, although the socket is up: that
 * what they wrote is not saved, or that what they look at does not come. Nothing else of it concerns them.
 */
export const useHeldUp = (): 'unsaved' | 'unanswered' | null => {
  const { carrier, sync, pending, files } = useSync()
  const isLive = carrier === 'socket'
  const isFetching = sync === 'syncing' && pending + files.queued + files.sending === 0
  const isUnsaved = useSettled(isLive && pending > 0, UNSAVED_MS)
  const isUnanswered = useSettled(isLive && isFetching, UNANSWERED_MS)
  return isUnsaved ? 'unsaved' : isUnanswered ? 'unanswered' : null
}
