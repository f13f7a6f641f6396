// What the clocks on the wall show, here or in another zone.

export interface DayMinute {
  readonly date: string
  /** Since midnight. */
  readonly minute: number
}

/** What the clocks of a zone show; null: of here. */
export const wallTime = (at: number, zone: string | null): DayMinute => {
  const { year, month, day, hour, minute } = Object.fromEntries(
    wallClock(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )
  return { date: `${year}-${month}-${day}`, minute: Number(hour) * 60 + Number(minute) }
}

const wallClocks = new Map<string | null, Intl.DateTimeFormat>()

const wallClock = (zone: string | null): Intl.DateTimeFormat => {
  let clock = wallClocks.get(zone)
  if (clock === undefined) {
    clock = createWallClock(zone)
    wallClocks.set(zone, clock)
  }
  return clock
}

/** A zone that this browser does not know is taken for its own. */
const createWallClock = (zone: string | null): Intl.DateTimeFormat => {
  const written: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }
  try {
    return new Intl.DateTimeFormat('en-GB', { ...written, ...(zone === null ? {} : { timeZone: zone }) })
  } catch {
    return new Intl.DateTimeFormat('en-GB', written)
  }
}

/** Nobody is offered a time that is over, by the clocks of the zone it is in. */
export const notBefore = (from: DayMinute, now: number, zone: string | null): DayMinute => {
  const today = wallTime(now, zone)
  const isOver = from.date < today.date || (from.date === today.date && from.minute < today.minute)
  return isOver ? today : from
}

/** How many midnights here lie between: «yesterday» is the day before, and not a day and a half ago. */
export const daysFrom = (now: number, at: number): number => (dayNumber(at) - dayNumber(now)) / 86_400_000

const dayNumber = (at: number): number => {
  const date = new Date(at)
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
}
