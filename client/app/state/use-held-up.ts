import type { Desk } from '../../index.ts'
import { useDesk, useSync } from '../../react/index.ts'
import { useSettled } from '../shell/use-settled.ts'
import { useAppWords } from '../words/app-words.ts'

/** A link that is up within this time was never off line to a person. */
const OFFLINE_MS = 2_000
/** The first one of a page may take longer on a line that is slow and not gone. */
const FIRST_MS = 20_000
/** Longer than a slow line takes, and sooner than a person gives up. */
const UNSAVED_MS = 8_000
const UNANSWERED_MS = 5_000

/**
 * What stands in the way of whoever is at the screen: that they are off line, or what a part of the server that does
 * not run means to them although the socket is up: that what they wrote is not saved, or that what they look at does
 * not come. Nothing else of it concerns them.
 */
export const useHeldUp = (): 'offline' | 'unsaved' | 'unanswered' | null => {
  const { carrier, sync, pending, files } = useSync()
  const isLive = carrier === 'socket'
  const isFetching = sync === 'syncing' && pending + files.queued + files.sending === 0
  const { isOffline } = useDesk()
  const hasTried = useHasTried()
  const isGone = useSettled(carrier === null && hasTried, OFFLINE_MS)
  const isOverdue = useSettled(carrier === null, FIRST_MS)
  const isUnsaved = useSettled(isLive && pending > 0, UNSAVED_MS)
  const isUnanswered = useSettled(isLive && isFetching, UNANSWERED_MS)
  // Who works off line by hand is so at once.
  if (isOffline || isGone || isOverdue) return 'offline'
  return isUnsaved ? 'unsaved' : isUnanswered ? 'unanswered' : null
}

const tried = new WeakSet<Desk>()

/** Whether the link has been up, or has failed, or cannot come up: until then it is on its way. */
const useHasTried = (): boolean => {
  const desk = useDesk()
  const { carrier, nextAttemptAt } = useSync()
  if (carrier !== null || nextAttemptAt !== null) tried.add(desk)
  return tried.has(desk) || !navigator.onLine
}

/** What to do meanwhile with what is not saved. */
export const useUnsavedSentence = (): string => {
  const words = useAppWords()
  const { pending, onDevice } = useSync()
  return onDevice >= pending ? words.unsavedKept : words.unsavedHere
}
