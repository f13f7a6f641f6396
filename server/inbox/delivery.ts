import type { InboxView } from '../../shared/types/inbox.ts'
import type { ValuePut } from '../store/store.ts'
import type { KnownPerson } from './people.ts'
import type { NewEntry } from './plan-inbox.ts'
import { personKey } from './waiting-entry.ts'

export type ChannelName = 'push' | 'mail'

/** Some entries on their way to a person outside the app. Kept in the store until they are there or given up. */
export interface Delivery {
  readonly user: string
  readonly channel: ChannelName
  /** Which of several: a browser, by its id among `devices`; for mail '' or `digest`. */
  readonly target: string
  readonly entries: readonly NewEntry[]
  readonly isDigest: boolean
  readonly dueAt: number
  readonly attempts: number
}

export interface Channel {
  readonly name: ChannelName
  /** How long a delivery waits for more to go with it, and for the person to have seen it in the app. */
  readonly gatherMs: number
  /** Where these entries go of their own accord; none where the person has chosen otherwise. */
  targets(view: InboxView, person: KnownPerson | undefined, entry: NewEntry): readonly string[]
  deliver(message: Message): Promise<DeliveryOutcome>
  /** Why it would not work now, asked at the start and while it does not; null: it would. */
  check?(): Promise<string | null>
  close(): Promise<void>
}

export interface Message {
  readonly target: string
  readonly person: KnownPerson | undefined
  readonly view: InboxView
  readonly entries: readonly NewEntry[]
  readonly isDigest: boolean
}

export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  /** There is nobody there any more: no failure, and nothing to try again. */
  | { readonly kind: 'gone'; readonly forget: boolean }
  /** Tried again later. What lies with the recipient says nothing of the channel as a whole. */
  | {
      readonly kind: 'failed'
      readonly reason: string
      readonly isService: boolean
      readonly afterMs?: number
      readonly isFinal?: boolean
    }

export const DELIVERIES_SPACE = 'inbox-deliveries'

export const deliveryKey = ({ user, channel, target, entries }: Delivery): string =>
  `${personKey(user)}${channel}/${encodeURIComponent(target)}/${entries[0]?.id ?? ''}`

export const deliveryPut = (delivery: Delivery): ValuePut => ({
  space: DELIVERIES_SPACE,
  key: deliveryKey(delivery),
  value: JSON.stringify(delivery),
})

export const deliveredPut = (delivery: Delivery): ValuePut => ({
  space: DELIVERIES_SPACE,
  key: deliveryKey(delivery),
  value: null,
})
