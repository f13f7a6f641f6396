// Days as records keep them, `YYYY-MM-DD`, in the time of where one is.

import { localeOf, madeOnce, useLanguage } from '../words/language.ts'

export const dayOf = (at: number): string => {
  const date = new Date(at)
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** An address may say anything. */
export const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(`${text}T00:00:00Z`))

export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** Midnight, here, at which the day begins. */
export const startOfDay = (day: string): number => {
  const [year = 1970, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(year, month - 1, date).getTime()
}

export interface DayFormat {
  /** «Mon». */
  weekday(day: string): string
  /** «12 Mar». */
  short(day: string): string
  /** «Monday 12 March». */
  long(day: string): string
}

export const useDayFormat = (): DayFormat => formatIn(useLanguage())

const formatIn = madeOnce((language): DayFormat => {
  const locale = localeOf(language)
  const written = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' })
    return (day: string): string => {
      const at = Date.parse(`${day}T00:00:00Z`)
      return Number.isNaN(at) ? day : format.format(at)
    }
  }
  return {
    weekday: written({ weekday: 'short' }),
    short: written({ day: 'numeric', month: 'short' }),
    long: written({ weekday: 'long', day: 'numeric', month: 'long' }),
  }
})
