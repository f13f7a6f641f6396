// What a record's type says of itself in the person's language: what its fields are called, and why something cannot
// be written.

import { useMemo } from 'react'
import { fieldIn, fieldNameAt, type RecordType, refusalIn, roleIn } from '../../../shared/index.ts'
import { type Language, languageNow, useLanguage } from './language.ts'

/** How an entry of a list is known to who reads it; undefined: by its list. */
export type EntryName = (list: string, entry: string) => string | undefined

interface Said {
  readonly code?: string
  readonly sentence: string
}

export interface TypeWords {
  readonly field: (type: RecordType, path: string, entryName?: EntryName) => string
  readonly reason: (type: RecordType, problem: Said) => string
}

export const useTypeWords = (): TypeWords => {
  const language = useLanguage()
  return useMemo(() => typeWords(language), [language])
}

const typeWords = (language: Language): TypeWords => ({
  field: (type, path, entryName) => {
    const [list = '', entry, part] = path.split('/')
    const of = (name: string): string => capital(fieldIn(type, language, name))
    const known = entry === undefined ? undefined : entryName?.(list, entry)
    if (part === undefined || part === 'pos') return known ?? of(list)
    const name = fieldNameAt(type, path)
    return known === undefined ? of(name) : `${known}: ${of(name)}`
  },
  reason: (type, problem) => refusalIn(type, language, problem),
})

/** Of what concerns no type: the link, a file, a list. */
export const useTroubleWords = (): ((trouble: Said) => string) => {
  const language = useLanguage()
  return trouble => refusalIn(OF_NO_TYPE, language, trouble)
}

/** Where something happens later than a page is drawn. */
export const reasonNow = (
  problem: Said,
  type: { readonly words: RecordType['words'] } = OF_NO_TYPE,
): string => refusalIn(type, languageNow(), problem)

const OF_NO_TYPE = { words: {} }

export const useRoleWords = (): ((role: string) => string) => {
  const language = useLanguage()
  return role => roleIn(language, role)
}

const capital = (text: string): string => `${text.charAt(0).toLocaleUpperCase()}${text.slice(1)}`
