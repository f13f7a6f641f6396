import type { Level, NoticeParams } from '../../shared/record/record-type.ts'
import type { ValuePut } from '../store/store.ts'

/** An entry on its way into one person's inbox. Kept in the store until the commit that puts it there. */
export interface WaitingEntry {
  readonly user: string
  /** In the order of time; the same entry has the same id for everybody it is for. */
  readonly id: string
  readonly level: Level
  readonly kind: string
  readonly sentence: string
  readonly params: NoticeParams | null
  readonly several: string | null
  readonly title: string
  readonly type: string
  readonly room: string | null
  readonly who: string
  readonly name: string
  readonly when: number
  readonly critical: boolean
  readonly personal: boolean
}

export const WAITING_SPACE = 'inbox-waiting'

/** The slash parts person and entry, so it is escaped in the person's id. */
export const personKey = (user: string): string => `${encodeURIComponent(user)}/`

export const waitingKey = ({ user, id }: WaitingEntry): string => `${personKey(user)}${id}`

export const waitingPut = (entry: WaitingEntry): ValuePut => ({
  space: WAITING_SPACE,
  key: waitingKey(entry),
  value: JSON.stringify(entry),
})

export const arrivedPut = (entry: WaitingEntry): ValuePut => ({
  space: WAITING_SPACE,
  key: waitingKey(entry),
  value: null,
})
