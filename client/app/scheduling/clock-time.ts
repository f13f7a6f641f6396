import { useMemo } from 'react'
import { localeOf, useLanguage } from '../words/language.ts'

/** Minutes since midnight, as the person writes a time: 570 → «09:30». */
export const useClockTime = (): ((minute: number) => string) => {
  const language = useLanguage()
  return useMemo(() => {
    const format = new Intl.DateTimeFormat(localeOf(language), {
      hour: '2-digit',
      minute: '2-digit',
      timeZone: 'UTC',
    })
    return minute => format.format(minute * 60_000)
  }, [language])
}

/** `09:30` → 570, as a time field of a browser gives it. */
export const minuteOf = (text: string): number | null => {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})/.exec(text) ?? []
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes)
}
