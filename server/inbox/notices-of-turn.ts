import { createHash } from 'node:crypto'
import { describeChange } from '../../shared/record/change.ts'
import type { NoticeParams } from '../../shared/record/record-type.ts'
import { RESULTS } from '../../shared/record/path.ts'
import { type FunctionFailed, noticesOf } from '../../shared/record/said-of-change.ts'
import { INBOX } from '../../shared/types/inbox.ts'
import { inEachLanguage, RECORD } from '../../shared/types/notice-sentences.ts'
import { refusalIn } from '../../shared/types/refusal-sentences.ts'
import { importerId } from '../access/principal.ts'
import type { AuthorTurn, Turn } from '../room/turn.ts'
import { noticesOfLosses } from './notices-of-losses.ts'
import { noticeToWatchers } from './notice-to-watchers.ts'
import { type AuthoredNotice, titleOf, titlesOf, type TurnNotices } from './turn-notices.ts'

/** `tellsTexts`: whether what this person types now is told to those who watch the record. */
export const noticesOfTurn = (
  turn: Turn,
  nameOf: (id: string) => string,
  tellsTexts: (by: string) => boolean,
  failed: FunctionFailed,
): TurnNotices | null => {
  if (turn.type.name === INBOX) return null
  const notices = [
    ...turn.authors.flatMap(author => noticesOfAuthor(turn, author, tellsTexts(author.by), failed)),
    ...noticesOfLosses(turn, nameOf),
    ...noticesOfRemoved(turn, nameOf),
  ]
  if (notices.length === 0) return null
  const { room, type, at, commit, after } = turn
  const hash = createHash('sha256').update(`${room}#${commit}`).digest('base64url').slice(0, 10)
  const id = `${at.toString(36).padStart(9, '0')}-${hash}`
  const called = titlesOf(type, after, RECORD)
  return {
    id,
    room,
    type: type.name,
    title: titleOf(type, after),
    at,
    notices: notices.map(calledSo(called)),
  }
}

/** What a notice is about, beside what its sentence is made of: one without parameters has no other words anyway. */
const calledSo =
  (called: NoticeParams) =>
  (notice: AuthoredNotice): AuthoredNotice =>
    notice.params === undefined || Object.keys(called).length === 1
      ? notice
      : { ...notice, params: { ...called, ...notice.params } }

const noticesOfAuthor = (
  turn: Turn,
  author: AuthorTurn,
  tellsTexts: boolean,
  failed: FunctionFailed,
): AuthoredNotice[] => {
  const { type, at } = turn
  const { by, name, before, after } = author
  if (by === importerId) return []
  const refused = noticesOfRefusedActions(turn, author)
  const paths = [...author.paths].filter(path => !isSystemPath(path))
  if (paths.length === 0) return refused
  const change = describeChange(type, before, after, paths, by, at)
  const told = noticesOf(type, change, failed)
  const watching = noticeToWatchers(type, change, paths, told, tellsTexts)
  const notices = [...told, ...(watching === null ? [] : [watching])]
  return [...notices.map(notice => ({ ...notice, by, name })), ...refused]
}

/** Whoever asked for it may have been off line when it was decided, or away. */
const noticesOfRefusedActions = ({ type, after }: Turn, { by, changes }: AuthorTurn): AuthoredNotice[] =>
  changes.flatMap(({ path, to }) => {
    if (!path.startsWith(`${RESULTS}/`)) return []
    // Only the server writes results.
    const result = to as { readonly ok: boolean; readonly reason?: string } | null
    if (result === null || result.ok) return []
    const reason = result.reason ?? 'what you asked for was refused'
    const title = titleOf(type, after)
    const said = inEachLanguage('reason', language => refusalIn(type, language, { sentence: reason }))
    const params = { ...titlesOf(type, after), ...said }
    const sentence = `«${title}»: ${said['reason']}`
    const several = 'things you asked for were refused'
    return [{ level: 'error', kind: 'action_refused', sentence, params, several, to: [by], by: '', name: '' }]
  })

/** Nobody opens what was deleted: that there is work on it nobody would see. */
const noticesOfRemoved = (turn: Turn, nameOf: (id: string) => string): AuthoredNotice[] => {
  const { type, before, after, authors } = turn
  const removedBy = turn.wentOn?.removedBy ?? ''
  const now = authors.filter(({ paths }) => [...paths].some(path => !isSystemPath(path))).map(({ by }) => by)
  const editors = (before.removed ? now : (turn.wentOn?.editors ?? [])).filter(by => by !== removedBy)
  if (turn.wentOn === null || editors.length === 0) return []
  const called = (id: string): string => authors.find(({ by }) => by === id)?.name ?? nameOf(id)
  const name = editors.map(called).join(', ')
  const remover = called(removedBy)
  const title = titleOf(type, after)
  return [
    {
      level: 'warning',
      kind: 'went_on',
      sentence: `«${title}»: ${name} went on with it, not knowing that ${remover} had deleted it. What was written comes back when it is restored`,
      params: { ...titlesOf(type, after), name, remover },
      several: 'deleted records that somebody went on with',
      to: [removedBy, ...editors],
      by: '',
      name: '',
    },
  ]
}

const isSystemPath = (path: string): boolean =>
  path.startsWith('$actions/') || path.startsWith('$results/') || path.startsWith('$w/')
