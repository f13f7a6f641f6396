// What a type's records and fields are called, and what its rules say, in the languages of the people who read it. English is what
// stands in the declaration itself; what a language has no words for is said in English.
//
//     defineRecord('job', {
//       fields: { takenBy: ref('user'), steps: list({ label: text.line() }) },
//       access: { write: { takenBy: ({ t }) => t.status !== 'done' || 'the job is done' } },
//       title: (t, say) => say('Job {}', t.number),
//       words: {
//         fr: {
//           titles: { 'Job {}': 'Tâche {}' },
//           fields: { takenBy: 'technicien', 'steps.label': 'étape' },
//           sentences: { 'the job is done': 'le travail est terminé', 'only {} left': 'il n’en reste que {}' },
//         },
//       },
//     })

import { isObject } from '../is-object.ts'
import type { Fields } from './field.ts'
import { noRecordType } from './no-record-type.ts'

/** `status`, and for the part of an entry `comments.body`. */
export type FieldName<F extends Fields> = string &
  {
    [K in keyof F]:
      | K
      | (F[K] extends { readonly entry: infer E } ? `${K & string}.${keyof E & string}` : never)
  }[keyof F]

export interface LanguageWords<Name extends string = string> {
  readonly fields?: { readonly [K in Name]?: string }
  /** What `title` says, by how it says it in English; `{}` stands for what varies, in the same order. */
  readonly titles?: { readonly [english: string]: string }
  /** What rules and actions answer, by how they say it in English; `{}` stands for what varies. */
  readonly sentences?: { readonly [english: string]: string }
}

/** A part of a title in the reader's language: the English one, and what stands for each `{}` of it. */
export type Say = (english: string, ...values: readonly (string | number)[]) => string

export type RecordWords<Name extends string = string> = { readonly [language: string]: LanguageWords<Name> }

interface Worded {
  readonly words: RecordWords
}

export const assertWorded = (type: Worded): void => {
  if (!isObject(type) || !isObject(type.words)) throw noRecordType(type)
}

/** `comments.body` → the part's own word, or the list's. Without any: `assignedTo` → assigned to. */
export const fieldIn = (type: Worded, language: string, name: string): string => {
  assertWorded(type)
  if (typeof name !== 'string') throw new TypeError(`«${String(name)}» is no name of a field: it is a text`)
  const fields = languageOf(type.words, language)?.fields ?? {}
  const [field = '', part] = name.split('.')
  const own = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (own !== undefined) return own
  const ofList = part !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined
  return ofList ?? spaced(part ?? field)
}

/** Null: this language has no words for it. */
export const sentenceIn = ({ words }: Worded, language: string, sentence: string): string | null => {
  const sentences = languageOf(words, language)?.sentences ?? {}
  if (Object.hasOwn(sentences, sentence)) return sentences[sentence] ?? null
  for (const [english, said] of Object.entries(sentences)) {
    const values = english.includes('{}') ? match(english, sentence) : null
    if (values !== null)
      return values.reduce((text, value) => text.replace('{}', () => valueIn(language, value)), said)
  }
  return null
}

export const inEnglish: Say = (english, ...values) => filled('en', english, values)

/** What a person who reads this language calls the record; nothing while there is no view of it. */
export const titleIn = <V>(
  type: Worded & { readonly title: (t: V, say: Say) => string },
  language: string,
  view: V | undefined,
): string => {
  assertWorded(type)
  if (view === undefined) return ''
  const titles = languageOf(type.words, language)?.titles ?? {}
  return type.title(view, (english, ...values) =>
    filled(language, (Object.hasOwn(titles, english) ? titles[english] : undefined) ?? english, values),
  )
}

const filled = (language: string, pattern: string, values: readonly (string | number)[]): string => {
  let next = 0
  return pattern.replaceAll('{}', () => valueIn(language, values[next++] ?? ''))
}

/** A day, with or without its time, as who reads this language writes it; all else stands as it is. */
export const valueIn = (language: string, value: string | number): string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\d(?:, \d\d:\d\d)?$/.test(value)
    ? daysIn(language, value)
    : String(value)

/** «2026-03-12» → «12 Mar 2026», wherever it stands in a sentence. */
export const daysIn = (language: string, text: string): string =>
  text.replace(/\b\d{4}-\d\d-\d\d\b/g, day => {
    const at = Date.parse(`${day}T00:00:00Z`)
    return Number.isNaN(at) ? day : dayFormat(language).format(at)
  })

/** English has the order of the rest of Europe here, and Serbian texts are in Latin letters. */
export const localeOf = (language: string): string =>
  language === 'en' ? 'en-GB' : language === 'sr' ? 'sr-Latn' : language

const dayFormats = new Map<string, Intl.DateTimeFormat>()

const dayFormat = (language: string): Intl.DateTimeFormat => {
  let format = dayFormats.get(language)
  if (format === undefined) {
    format = createDayFormat(language)
    dayFormats.set(language, format)
  }
  return format
}

const createDayFormat = (language: string): Intl.DateTimeFormat => {
  const options = { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' } as const
  try {
    return new Intl.DateTimeFormat(localeOf(language), options)
  } catch {
    // No language at all: it was asked for by a name that none has.
    return new Intl.DateTimeFormat('en-GB', options)
  }
}

const languageOf = (words: RecordWords, language: string): LanguageWords | undefined =>
  Object.hasOwn(words, language) ? words[language] : undefined

/**
 * What stands for each `{}`: something for each, and of several ways the one with the longest first. From the end, by
 * each part's last place: what varies is what people wrote, and may hold the parts a thousand times.
 */
const match = (english: string, sentence: string): readonly string[] | null => {
  const [first = '', ...parts] = english.split('{}')
  const last = parts.pop() ?? ''
  if (!sentence.startsWith(first) || !sentence.endsWith(last)) return null
  const values: string[] = []
  let end = sentence.length - last.length
  for (const part of parts.toReversed()) {
    const at = end > part.length ? sentence.lastIndexOf(part, end - part.length - 1) : -1
    if (at === -1) return null
    values.unshift(sentence.slice(at + part.length, end))
    end = at
  }
  return end > first.length ? [sentence.slice(first.length, end), ...values] : null
}

const spaced = (field: string): string =>
  field.replace(/([a-z0-9])([A-Z])/g, (_, end: string, start: string) => `${end} ${start.toLowerCase()}`)
