// Numbers as a person types or pastes them: with the decimal sign of their own language or with the other, since a
// number pad has but one, and with groups set apart or not.

import { localeOf, madeOnce, useLanguage } from '../words/language.ts'

export interface NumberSigns {
  readonly decimal: string
  readonly group: string
}

export const useNumberSigns = (): NumberSigns => signsIn(useLanguage())

const signsOf = (locale: string): NumberSigns => {
  const parts = new Intl.NumberFormat(locale).formatToParts(1_234_567.5)
  const sign = (type: 'decimal' | 'group'): string | undefined =>
    parts.find(part => part.type === type)?.value
  return { decimal: sign('decimal') ?? '.', group: sign('group') ?? '' }
}

const signsIn = madeOnce(language => signsOf(localeOf(language)))

/** Null for nothing, undefined for what is no number. */
export const parseNumber = (text: string, { group }: NumberSigns): number | null | undefined => {
  // A word processor writes a minus of its own.
  const bare = text.replace(/[\s\u00a0\u202f'’]/g, '').replace('\u2212', '-')
  if (bare === '') return null
  // «1.250» is a thousand to whoever writes it so, and a little more than one to everybody else; but no group of
  // thousands begins with nothing, and «0.125» is an eighth to all.
  const grouped = /^-?[1-9]\d{0,2}([.,])\d{3}(\1\d{3})*$/.exec(bare)
  if (grouped !== null && (grouped[1] === group || grouped[2] !== undefined))
    return Number(bare.replace(/[.,]/g, ''))
  const lastSign = Math.max(bare.lastIndexOf(','), bare.lastIndexOf('.'))
  const digits =
    lastSign < 0 ? bare : `${bare.slice(0, lastSign).replace(/[.,]/g, '')}.${bare.slice(lastSign + 1)}`
  if (!/^-?\d*\.?\d*$/.test(digits) || !/\d/.test(digits)) return undefined
  return Number(digits)
}
