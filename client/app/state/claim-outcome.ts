// Whether what one wrote into a field where the first counts (a claim, an assignment, a booking) was the first.

import type { LiveRecord } from '../../index.ts'
import { reasonNow } from '../words/type-words.ts'

export type ClaimOutcome =
  | { readonly kind: 'won' }
  /** Somebody else was first; what one wrote is kept beside it. */
  | { readonly kind: 'lost'; readonly to: unknown; readonly by: string | null }
  | { readonly kind: 'refused'; readonly why: string }

/**
 * Tells once it is known, which off line may be tomorrow. The record is held open until then, or until the function
 * it gives back is called. Where nothing stands that was mine before, or was written `since`, it was let go of.
 */
export const watchClaim = (
  record: LiveRecord,
  path: string,
  isMine: (value: unknown) => boolean,
  tell: (outcome: ClaimOutcome) => void,
  since = Number.POSITIVE_INFINITY,
): (() => void) => {
  let isDone = false
  let wasMine = false
  const end = (outcome: ClaimOutcome | null): void => {
    if (isDone) return
    isDone = true
    stop()
    if (outcome !== null) tell(outcome)
    record.close()
  }
  const look = (): void => {
    if (isDone) return
    if (record.state === 'forbidden' || record.state === 'purged') {
      end({ kind: 'refused', why: record.error === null ? '' : reasonNow(record.error, record.type) })
      return
    }
    if (record.state !== 'ready') return
    const { value, save, tentative, by, at, refusal } = record.field(path)
    wasMine ||= isMine(value)
    if (save === 'refused')
      end({ kind: 'refused', why: refusal === null ? '' : reasonNow(refusal, record.type) })
    else if (value !== null && value !== undefined && !isMine(value) && !tentative)
      end({ kind: 'lost', to: value, by })
    else if (save === 'saved' && !tentative && (wasMine || (at ?? 0) > since)) end({ kind: 'won' })
  }
  // A record that begins afresh shows what the server has, and in the same turn what it has put back of one's own.
  const stop = record.subscribe('', () => queueMicrotask(look))
  look()
  return () => end(null)
}
