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
 * it gives back is called.
 */
export const watchClaim = (
  record: LiveRecord,
  path: string,
  isMine: (value: unknown) => boolean,
  tell: (outcome: ClaimOutcome) => void,
): (() => void) => {
  let isDone = false
  const end = (outcome: ClaimOutcome | null): void => {
    if (isDone) return
    isDone = true
    stop()
    record.close()
    if (outcome !== null) tell(outcome)
  }
  const look = (): void => {
    if (record.state !== 'ready') return
    const { value, save, tentative, by, refusal } = record.field(path)
    if (save === 'refused')
      end({ kind: 'refused', why: refusal === null ? '' : reasonNow(refusal, record.type) })
    else if (value !== null && value !== undefined && !isMine(value) && !tentative)
      end({ kind: 'lost', to: value, by })
    // Where nothing stands now, it was let go of since.
    else if (save === 'saved' && !tentative) end({ kind: 'won' })
  }
  const stop = record.subscribe('', look)
  look()
  return () => end(null)
}
