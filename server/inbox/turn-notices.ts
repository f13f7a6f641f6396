import type { AnyView, Notice, NoticeParams, RecordType } from '../../shared/record/record-type.ts'
import { titleIn } from '../../shared/record/words.ts'
import { inEachLanguage } from '../../shared/types/notice-sentences.ts'

/** What is to be told of one turn. Stored by the turn's own commit, until everybody it is for has it. */
export interface TurnNotices {
  /** In the order of time, and the same however often it is made of one turn. */
  readonly id: string
  readonly room: string
  readonly type: string
  readonly title: string
  readonly at: number
  readonly notices: readonly AuthoredNotice[]
}

/** A notice with whose doing it tells of: they are not told. */
export interface AuthoredNotice extends Notice {
  readonly by: string
  readonly name: string
}

export const titleOf = (type: RecordType, view: AnyView, language = 'en'): string => {
  try {
    return titleIn(type, language, view)
  } catch {
    return view.id
  }
}

/** The title by the name of a parameter, in English and as others call it. */
export const titlesOf = (type: RecordType, view: AnyView, param = 'title'): NoticeParams =>
  inEachLanguage(param, language => titleOf(type, view, language))
