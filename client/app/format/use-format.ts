// Numbers, money and times as the person writes them.

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
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 3 })
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const rate = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 3 })
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' })
  const utcDay = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' })
  const dateTime = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  const dateTimeOfYear = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  })
  const counted = (n: number, unit: 'day' | 'year'): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(n))
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' })
  const currencies = new Map<string, Intl.NumberFormat>()
  const currencyFormat = (currency: string): Intl.NumberFormat => {
    let format = currencies.get(currency)
    if (format === undefined) {
      format = new Intl.NumberFormat(locale, { style: 'currency', currency })
      currencies.set(currency, format)
    }
    return format
  }
  const minutes = (total: number): string => {
    const whole = Math.round(total)
    const hours = Math.floor(whole / 60)
    const rest = whole % 60
    return hours === 0
      ? `${rest} min`
      : rest === 0
        ? `${number.format(hours)} h`
        : `${number.format(hours)} h ${rest} min`
  }
  return {
    number: value => number.format(value),
    money: (minor, currency = 'EUR') => currencyFormat(currency).format(minor / 100),
    percent: share => percent.format(share),
    rate: points => rate.format(points / 100),
    date: text => {
      const at = Date.parse(`${text}T00:00:00Z`)
      return Number.isNaN(at) ? text : utcDay.format(at)
    },
    day: at => day.format(at),
    time: at => time.format(at),
    dateTime: at =>
      (new Date(at).getFullYear() === new Date().getFullYear() ? dateTime : dateTimeOfYear).format(at),
    ago: (at, now) => {
      const seconds = Math.round((at - now) / 1000)
      const size = Math.abs(seconds)
      if (size < 45) return relative.format(0, 'second')
      if (size < 3_600) return relative.format(Math.round(seconds / 60), 'minute')
      if (size < 86_400) return relative.format(Math.round(seconds / 3_600), 'hour')
      if (size < 30 * 86_400) return relative.format(Math.round(seconds / 86_400), 'day')
      return day.format(at)
    },
    bytes: count => {
      const isLarge = count >= 999_500
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: isLarge ? 'megabyte' : 'kilobyte',
        maximumFractionDigits: isLarge ? 1 : 0,
      }).format(isLarge ? count / 1e6 : Math.max(1, count / 1e3))
    },
    minutes,
    span: ms => {
      const days = ms / 86_400_000
      return days < 2
        ? minutes(ms / 60_000)
        : days < 730
          ? counted(days, 'day')
          : counted(days / 365.25, 'year')
    },
  }
}

const formatIn = madeOnce(createFormat)
