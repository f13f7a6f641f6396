// Numbers, money and times as the person writes them.

import { daysFrom } from './wall-time.ts'
import { type Language, localeOf, madeOnce, useLanguage } from '../words/language.ts'

export interface Format {
  number(value: number): string
  /** From minor units. */
  money(minor: number, currency?: string): string
  percent(share: number): string
  /** «8.1 %» of 8.1: what a rate says is not rounded. */
  rate(percent: number): string
  /** «12 Mar 2026» of a `YYYY-MM-DD`. */
  date(date: string): string
  day(at: number): string
  time(at: number): string
  /** «12 Mar, 09:30», with the year where it is another one. */
  dateTime(at: number): string
  /** «3 min ago», «in 2 days». */
  ago(at: number, now: number): string
  /** «12 kB», «3.4 MB». */
  bytes(count: number): string
  /** «1 h 20 min». */
  minutes(total: number): string
  /** «1 h 20 min», «12 days», «5 years»: as exact as it matters. */
  span(ms: number): string
}

export const useFormat = (): Format => formatIn(useLanguage())

const createFormat = (language: Language): Format => {
  const locale = localeOf(language)
  const numbers = (options: Intl.NumberFormatOptions): ((value: number) => string) =>
    lazily(() => new Intl.NumberFormat(locale, options))
  const dates = (options: Intl.DateTimeFormatOptions): ((at: number) => string) =>
    lazily(() => new Intl.DateTimeFormat(locale, options))
  const number = numbers({ maximumFractionDigits: 3 })
  const rate = numbers({ style: 'percent', maximumFractionDigits: 3 })
  const day = dates({ day: 'numeric', month: 'short', year: 'numeric' })
  const utcDay = dates({ day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })
  const dateTime = dates({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const dateTimeOfYear = dates({
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  const kilobytes = numbers({ style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 })
  const megabytes = numbers({ style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 })
  const days = numbers({ style: 'unit', unit: 'day', unitDisplay: 'long' })
  const years = numbers({ style: 'unit', unit: 'year', unitDisplay: 'long' })
  const currencies = new Map<string, (value: number) => string>()
  const money = (minor: number, currency = 'EUR'): string => {
    const written = currencies.get(currency) ?? numbers({ style: 'currency', currency })
    currencies.set(currency, written)
    return written(minor / 100)
  }
  let relative: Intl.RelativeTimeFormat | undefined
  const away = (value: number, unit: Intl.RelativeTimeFormatUnit): string => {
    relative ??= new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
    return relative.format(Math.round(value), unit)
  }
  const minutes = (total: number): string => {
    const whole = Math.round(total)
    const hours = Math.floor(whole / 60)
    const rest = whole % 60
    return hours === 0 ? `${rest} min` : rest === 0 ? `${number(hours)} h` : `${number(hours)} h ${rest} min`
  }
  return {
    number,
    money,
    percent: numbers({ style: 'percent', maximumFractionDigits: 0 }),
    rate: points => rate(points / 100),
    date: text => {
      const at = Date.parse(`${text}T00:00:00Z`)
      return Number.isNaN(at) ? text : utcDay(at)
    },
    day,
    time: dates({ hour: '2-digit', minute: '2-digit' }),
    dateTime: at => (new Date(at).getFullYear() === new Date().getFullYear() ? dateTime : dateTimeOfYear)(at),
    ago: (at, now) => {
      const seconds = Math.round((at - now) / 1000)
      const size = Math.abs(seconds)
      if (size < 45) return away(0, 'second')
      if (size < 3_600) return away(seconds / 60, 'minute')
      if (size < 86_400) return away(seconds / 3_600, 'hour')
      if (size < 30 * 86_400) return away(daysFrom(now, at), 'day')
      return day(at)
    },
    bytes: count => (count >= 999_500 ? megabytes(count / 1e6) : kilobytes(Math.max(1, count / 1e3))),
    minutes,
    span: ms => {
      const all = ms / 86_400_000
      if (all < 2) return minutes(ms / 60_000)
      return all < 730 ? days(Math.round(all)) : years(Math.round(all / 365.25))
    },
  }
}

/** A format takes milliseconds to make, and few of them are needed on the page that comes first. */
const lazily = (make: () => { format(value: number): string }): ((value: number) => string) => {
  let made: ReturnType<typeof make> | undefined
  return value => {
    made ??= make()
    return made.format(value)
  }
}

const formatIn = madeOnce(createFormat)
