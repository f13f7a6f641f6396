// Texts stand in tables, one a workspace, with one column a language. That a language lacks a text, or has one
// that takes other arguments, is a type error.

import { type Language, languageNow, madeOnce, useLanguage } from './language.ts'

type Entry = string | ((...args: never[]) => string)
interface Table {
  readonly [name: string]: Entry
}

type Translated<W extends Table> = {
  readonly [K in keyof W]: W[K] extends string ? string : W[K]
}

export interface Words<W extends Table> {
  (): Translated<W>
  /** Outside of React. */
  readonly now: () => Translated<W>
}

export const defineWords = <W extends Table>(
  tables: { readonly en: W } & { readonly [L in Exclude<Language, 'en'>]: Translated<W> },
): Words<W> => {
  let french: Translated<W> | null = null
  const of = (language: Language): Translated<W> => {
    // A string of the English table is typed by its content, which no other language shares.
    if (language !== 'fr') return tables[language] as Translated<W>
    french ??= spaced(tables.fr)
    return french
  }
  return Object.assign(() => of(useLanguage()), { now: () => of(languageNow()) })
}

/** In French what stands before a colon or a question mark, or within guillemets, does not part from it. */
const spaced = <T extends Table>(table: T): T =>
  Object.fromEntries(
    Object.entries(table).map(([name, entry]) => [
      name,
      typeof entry === 'string' ? unparted(entry) : (...args: never[]) => unparted(entry(...args)),
    ]),
    // The same names, each with a text or a function as before.
  ) as T

const unparted = (text: string): string => text.replace(/ (?=[:;!?»])|(?<=«) /g, '\u00a0')

/** «1 ticket, 3 tickets»; Serbian has a form for 2–4 as well. */
export const counted = (
  language: Language,
  n: number,
  forms: { readonly one: string; readonly few?: string; readonly other: string },
): string => {
  const { rules, numbers } = countingIn(language)
  const rule = rules.select(n)
  const form = rule === 'one' ? forms.one : rule === 'few' ? (forms.few ?? forms.other) : forms.other
  return `${numbers.format(n)} ${form}`
}

const countingIn = madeOnce(language => ({
  rules: new Intl.PluralRules(language),
  numbers: new Intl.NumberFormat(language),
}))
