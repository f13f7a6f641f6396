import { SERVER_AUTHOR } from '../../shared/record/cell.ts'
import type { NoticeParams, RecordType } from '../../shared/record/record-type.ts'
import type { CellField } from '../../shared/record/field.ts'
import type { Lost } from '../../shared/record/settle-turn.ts'
import { fieldNameAt, isSlot, slotAt } from '../../shared/record/slot.ts'
import type { Value } from '../../shared/record/value.ts'
import { daysIn, fieldIn, sentenceIn } from '../../shared/record/words.ts'
import { inEachLanguage } from '../../shared/types/notice-sentences.ts'
import type { Turn } from '../room/turn.ts'
import { type AuthoredNotice, titleOf, titlesOf } from './turn-notices.ts'

/** Whoever wrote a value that stands no more is told who has the field now. */
export const noticesOfLosses = (turn: Turn, nameOf: (id: string) => string): AuthoredNotice[] => {
  const told = new Set<string>()
  return turn.lost.flatMap(lost => {
    const { path, cell, winner } = lost
    const by = winner?.author ?? turn.authors.at(-1)?.by ?? ''
    const key = `${cell.author} ${path}`
    if (cell.author === SERVER_AUTHOR || cell.author === by || told.has(key)) return []
    told.add(key)
    const name = turn.authors.find(author => author.by === by)?.name ?? nameOf(by)
    const advice = adviceOn(turn, lost)
    return [
      {
        level: 'warning',
        kind: isClaim(turn.type, path) ? 'claim_lost' : 'edit_lost',
        ...saidOf(turn, lost, name, nameOf, advice ?? ''),
        several: 'of your changes did not prevail',
        to: [cell.author],
        by,
        name,
      } as const,
    ]
  })
}

const adviceOn = ({ type, after }: Turn, { path, cell }: Lost): string | null => {
  try {
    return type.advise({ path, value: cell.value }, after)
  } catch {
    return null
  }
}

const saidOf = (
  { type, after }: Turn,
  { path, cell, winner, why }: Lost,
  name: string,
  nameOf: (id: string) => string,
  advice: string,
): Required<Pick<AuthoredNotice, 'sentence' | 'params'>> => {
  const title = titleOf(type, after)
  const slot = slotAt(type, path)
  const field = isSlot(slot) ? slot.field : null
  const ofField = fieldNameAt(type, path)
  const named = inEachLanguage('field', language => fieldIn(type, language, ofField))
  const advised = inEachLanguage('advice', language =>
    daysIn(language, sentenceIn(type, language, advice) ?? advice),
  )
  const what = named['field']
  const said = (sentence: string, params: NoticeParams) => ({
    sentence: `«${title}»: ${sentence}${advice === '' ? '' : `. ${advised['advice']}`}`,
    params: { ...titlesOf(type, after), name, ...named, ...advised, ...params },
  })
  if (isClaim(type, path)) {
    return winner === null
      ? said(`${name} released it (${what}); ask again if you still want it`, { why: 'released' })
      : said(`${name} was first, yours does not count (${what})`, { why: 'second' })
  }
  const mine = shown(field, cell.value, nameOf)
  if (why === 'too many')
    return said(`too many differ about ${what}; yours${mine} is kept in the history only`, { why, mine })
  const theirs = shown(field, winner?.value ?? null, nameOf)
  const lost = `your ${what}${mine} lost to what ${name} wrote${theirs}. Both are kept on the record`
  return said(lost, { why: 'lost', mine, theirs })
}

const isClaim = (type: RecordType, path: string): boolean => {
  const slot = slotAt(type, path)
  return isSlot(slot) && slot.policy === 'first'
}

const VALUE_CHARS_MAX = 40
const READS_WELL: readonly string[] = ['line', 'oneOf', 'integer', 'number', 'date']

/** A short value, in brackets; what does not read well in a sentence is left out. */
const shown = (
  field: CellField<unknown, unknown> | null,
  value: Value,
  nameOf: (id: string) => string,
): string => {
  const text =
    field?.spec.refType === 'user' && typeof value === 'string'
      ? nameOf(value)
      : READS_WELL.includes(field?.spec.type ?? '') && value !== null
        ? String(value)
        : ''
  return text === ''
    ? ''
    : ` (${text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX - 1)}…` : text})`
}
