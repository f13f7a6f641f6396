// The language of the texts. Dates and numbers follow the person's own locale where it is of that language.

import { useSyncExternalStore } from 'react'
import { ofDevice } from '../session/kept.ts'

export type Language = 'en' | 'sr' | 'fr'

export const languages: readonly { readonly code: Language; readonly name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'sr', name: 'Srpski' },
  { code: 'fr', name: 'Français' },
]

const key = 'corecord language'
const listeners = new Set<() => void>()
const chosen = ofDevice.read(key)
let current: Language = isLanguage(chosen) ? chosen : preferred()
document.documentElement.lang = current

function isLanguage(code: string | null): code is Language {
  return languages.some(language => language.code === code)
}

function preferred(): Language {
  for (const tag of navigator.languages) {
    const code = tag.slice(0, 2)
    if (isLanguage(code)) return code
    if (code === 'hr' || code === 'bs') return 'sr'
  }
  return 'en'
}

export const setLanguage = (code: Language): void => {
  current = code
  document.documentElement.lang = code
  ofDevice.write(key, code)
  for (const tell of [...listeners]) tell()
}

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

export const languageNow = (): Language => current

export const useLanguage = (): Language => useSyncExternalStore(subscribe, languageNow)

/**
 * What writes dates and numbers takes long to make, and a screen has thousands that are written: made once for a
 * language, and anew where the device has come to another time zone.
 */
export const madeOnce = <T>(make: (language: Language) => T): ((language: Language) => T) => {
  const made = new Map<string, T>()
  return language => {
    const key = `${language} ${navigator.language} ${new Date().getTimezoneOffset()}`
    const known = made.get(key)
    if (known !== undefined) return known
    const value = make(language)
    made.set(key, value)
    return value
  }
}

/** The person's own region. Serbian texts are in Latin letters, and so are their dates, whatever the device prefers. */
export const localeOf = (language: Language): string => {
  const own = navigator.languages.find(tag => tag.startsWith(language))
  if (language === 'sr') return new Intl.Locale(own ?? 'sr-RS', { script: 'Latn' }).toString()
  return own ?? (language === 'fr' ? 'fr-FR' : 'en-GB')
}
