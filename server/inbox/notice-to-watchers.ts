import type { AnyView, Change, Notice, RecordType } from '../../shared/record/record-type.ts'
import { splitPath } from '../../shared/record/path.ts'
import { fieldIn } from '../../shared/record/words.ts'
import { inEachLanguage } from '../../shared/types/notice-sentences.ts'
import { titleOf, titlesOf } from './turn-notices.ts'

/** A set of user ids of this name makes a record one that people can watch. */
const WATCHERS = 'watchers'

/**
 * Whoever watches a record is told of every change to it; of what has a notice of its own, by that one. Texts are
 * named where `tellsTexts`: they change with every key.
 */
export const noticeToWatchers = (
  type: RecordType,
  change: Change<AnyView>,
  paths: readonly string[],
  told: readonly Notice[],
  tellsTexts: boolean,
): Notice | null => {
  const watchers = watchersOf(type, change.after)
  if (watchers.length === 0 || change.created) return null
  // Of a notice to all who may read, or to a role, watchers are told as everybody is.
  if (told.some(({ to, roles }) => to === undefined && roles === undefined)) return null
  const fields = [...new Set(paths.map(path => splitPath(path)[0] ?? ''))]
    .filter(field => field !== WATCHERS && Object.hasOwn(type.fields, field))
    .filter(field => tellsTexts || !isText(type, field))
  if (fields.length === 0) return null
  const title = titleOf(type, change.after)
  const said = inEachLanguage('fields', language =>
    fields.map(field => fieldIn(type, language, field)).join(', '),
  )
  return {
    level: 'info',
    kind: 'watching',
    params: { ...titlesOf(type, change.after), ...said },
    sentence: `«${title}» changed: ${said['fields']}`,
    several: 'changes on what you watch',
    to: watchers,
    except: told.flatMap(({ to }) => to ?? []).filter(id => id !== null),
  }
}

const isText = (type: RecordType, field: string): boolean => type.fields[field]?.kind === 'text'

/** Whether somebody typed, besides or instead of what else they changed. */
export const hasTyped = (type: RecordType, paths: Iterable<string>): boolean =>
  [...paths].some(path => isText(type, path))

export const watchersOf = (type: RecordType, view: AnyView): readonly string[] => {
  const field = type.fields[WATCHERS]
  // The view of a set is an array of its elements.
  return field?.kind === 'set' ? ((view[WATCHERS] ?? []) as readonly string[]) : []
}
