// How one comes to a desk: who it is, by the token; then what this person has on the device.

import type { Clock } from '../shared/record/clock.ts'
import type { Me } from '../shared/record/record-type.ts'
import type { Carrier } from './link/carrier.ts'
import { type TokenSource, unanswered } from './link/token-source.ts'
import { openStore } from './local/open-store.ts'
import type { Trouble } from './record/live-record.ts'
import type { Workplace } from './record/workplace.ts'
import { randomName } from './random-name.ts'
import type { StorageState } from './status.ts'
import type { Surroundings } from './surroundings.ts'
import { reasonOf } from '../shared/reason-of.ts'

const TOKEN_RETRY_MS = 500
const TOKEN_RETRY_MS_MAX = 30_000
/** It may be waiting for a person who signs in; that nothing comes is to be seen all the same. */
const TOKEN_SILENCE_MS = 20_000

export interface EntryEars {
  /** Nobody waits for the answer any more. */
  isOver(): boolean
  failed(trouble: Trouble): void
}

/** Without a token nobody knows whose data to show. Null when nobody waits any more. */
export const whoAmI = async (
  tokens: TokenSource,
  surroundings: Pick<Surroundings, 'after'>,
  { isOver, failed }: EntryEars,
): Promise<Me | null> => {
  for (let delayMs = TOKEN_RETRY_MS; !isOver(); delayMs = Math.min(delayMs * 2, TOKEN_RETRY_MS_MAX)) {
    const cancel = surroundings.after(TOKEN_SILENCE_MS, () =>
      failed({ code: 'TOKEN_MISSING', sentence: unanswered(TOKEN_SILENCE_MS) }),
    )
    try {
      const { me } = await tokens.get()
      return me
    } catch (error) {
      const sentence = reasonOf(error)
      failed({ code: 'TOKEN_MISSING', sentence })
      await new Promise<void>(done => surroundings.after(delayMs, done))
    } finally {
      cancel()
    }
  }
  return null
}

const openInPage = new Map<string, number>()

/** A second desk of one person is mostly left over: its socket stays open, and the others see that person twice. */
export const noteInPage = (owner: string): (() => void) => {
  const before = openInPage.get(owner) ?? 0
  openInPage.set(owner, before + 1)
  if (before > 0)
    console.warn(
      'corecord: a second desk of the same person is open in this page, with a socket of its own: connect once, outside of components, and close() the desk that another takes the place of',
    )
  return () => {
    openInPage.set(owner, (openInPage.get(owner) ?? 1) - 1)
  }
}

export interface WorkplaceParts {
  readonly url: string
  /** Nothing is to be kept. */
  readonly isMemory: boolean
  readonly surroundings: Surroundings
  readonly clock: Clock
  readonly carrier: Carrier
  storageIs(state: StorageState): void
}

/** One database for each person of each server. */
export const openWorkplace = async (me: Me, parts: WorkplaceParts): Promise<Workplace> => {
  const { url, isMemory, surroundings, clock, carrier, storageIs } = parts
  const owner = `${url} ${me.id}`
  const { store, trouble } = await openStore(
    isMemory ? null : surroundings.indexedDB,
    `corecord ${owner}`,
    surroundings,
  )
  const state: StorageState = isMemory ? 'memory' : (trouble ?? store.kind)
  let isFailing = false
  storageIs(state)
  return {
    me,
    clock,
    store,
    carrier,
    surroundings,
    tab: randomName(surroundings),
    owner,
    storageFailed: failure => {
      isFailing = true
      storageIs(failure)
    },
    storageWorks: () => {
      if (isFailing) storageIs(state)
      isFailing = false
    },
  }
}
