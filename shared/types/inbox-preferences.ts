// How a person wants to be told: by kind of notice and by channel, and when not. The same functions decide on the
// server and are shown in the settings.

import type { InboxView } from './inbox.ts'

export type ToldIn = 'inApp' | 'push' | 'mail'

export interface Told {
  readonly type: string | null
  readonly kind: string | null
  readonly critical: boolean | null
  /** Meant for this person, not for everybody who may read the record. */
  readonly personal: boolean | null
}

export type ChannelChoices = Pick<InboxView, 'channels'>
export type QuietHours = Pick<InboxView, 'quietFrom' | 'quietTo' | 'timeZone'>
export type DigestWish = Pick<InboxView, 'digest' | 'digestAt' | 'timeZone'>

/** What stands where nothing was chosen: all in the app, what is urgent or one's own pushed, what is urgent mailed. */
export const toldByDefault = (channel: ToldIn, { critical, personal }: Told): boolean =>
  channel === 'inApp' || critical === true || (channel === 'push' && personal === true)

/** The ids in `channels` that hold for a notice, the closest first: `ticket.comment_added`, `ticket`, `*`. */
export const choicesFor = ({ type, kind }: Pick<Told, 'type' | 'kind'>): readonly string[] => [
  `${type}.${kind}`,
  `${type}`,
  '*',
]

export const isToldIn = (channel: ToldIn, { channels }: ChannelChoices, told: Told): boolean => {
  for (const id of choicesFor(told)) {
    const choice = channels.find(one => one.id === id)?.[channel] ?? null
    if (choice !== null) return choice
  }
  return toldByDefault(channel, told)
}

const MINUTE_MS = 60_000
const DAY_MINUTES = 1_440

export const isSameQuiet = (a: QuietHours, b: QuietHours): boolean =>
  a.quietFrom === b.quietFrom && a.quietTo === b.quietTo && a.timeZone === b.timeZone

/** When the quiet hours that `now` lies in end; null: it lies in none. */
export const quietUntil = ({ quietFrom, quietTo, timeZone }: QuietHours, now: number): number | null => {
  if (quietFrom === null || quietTo === null || quietFrom === quietTo) return null
  const { minute } = localTime(timeZone, now)
  const isQuiet =
    quietFrom < quietTo ? minute >= quietFrom && minute < quietTo : minute >= quietFrom || minute < quietTo
  return isQuiet ? nextAt(timeZone, now, quietTo) : null
}

/** When the next digest is due; null: none is wanted. A weekly one comes on Monday. */
export const nextDigest = ({ digest, digestAt, timeZone }: DigestWish, now: number): number | null => {
  if (digest === 'off') return null
  let at = nextAt(timeZone, now, digestAt)
  if (digest === 'weekly')
    while (localTime(timeZone, at).weekday !== 'Mon') at = nextAt(timeZone, at, digestAt)
  return at
}

/** When the clocks of this zone show that minute next. Of an hour that a clock leaps over, when it has leapt. */
const nextAt = (timeZone: string | null, now: number, wanted: number): number => {
  const { minute } = localTime(timeZone, now)
  const minutes = (wanted - minute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES
  const at = Math.floor(now / MINUTE_MS) * MINUTE_MS + minutes * MINUTE_MS
  // A clock that is changed in between is there sooner or later.
  const ahead = localTime(timeZone, at).minute - wanted
  const changed =
    ahead > DAY_MINUTES / 2 ? ahead - DAY_MINUTES : ahead < -DAY_MINUTES / 2 ? ahead + DAY_MINUTES : ahead
  const mended = at - changed * MINUTE_MS
  return changed !== 0 && mended > now && localTime(timeZone, mended).minute === wanted ? mended : at
}

const localTime = (timeZone: string | null, now: number): { minute: number; weekday: string } => {
  const parts = formatOf(timeZone ?? 'UTC').formatToParts(now)
  const part = (type: string): string => parts.find(one => one.type === type)?.value ?? '0'
  return { minute: Number(part('hour')) * 60 + Number(part('minute')), weekday: part('weekday') }
}

const formats = new Map<string, Intl.DateTimeFormat>()

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = createFormat(timeZone)
  if (formats.size < 500) formats.set(timeZone, format)
  return format
}

const createFormat = (timeZone: string): Intl.DateTimeFormat => {
  const options = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
  try {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone })
  } catch {
    // What a browser calls its zone need not be known here.
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' })
  }
}
