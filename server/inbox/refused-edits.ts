// Edits that the guard refused, for the inbox of who made them. The device that sent them shows each of them at once;
// this is for a person who works on another by now, or who left the tablet lying. What a device brings after a day off
// line is refused piece by piece, so what is of one record is told once.

import { splitPath } from '../../shared/record/path.ts'
import type { Problem } from '../../shared/record/record-error.ts'
import type { NoticeParams, RecordType } from '../../shared/record/record-type.ts'
import { fieldIn } from '../../shared/record/words.ts'
import { INBOX } from '../../shared/types/inbox.ts'
import { inEachLanguage } from '../../shared/types/notice-sentences.ts'
import { refusalIn } from '../../shared/types/refusal-sentences.ts'
import type { WaitingEntry } from './waiting-entry.ts'

export interface RefusedEdit {
  readonly room: string
  readonly type: RecordType
  readonly title: string
  /** The same for the sentence, in each language. */
  readonly titles: NoticeParams
  readonly user: string
  readonly problems: readonly Problem[]
}

/** What a client mends by itself, with nothing for a person to do. */
const MENDED: readonly Problem['code'][] = ['CLOCK_AHEAD', 'CLIENT_ID_SPENT']
const GATHER_MS = 1_000
const FIELDS_MAX = 5

interface Gathered extends Omit<RefusedEdit, 'problems'> {
  /** By the field that each is about. */
  readonly reasons: Map<string, Problem>
}

export class RefusedEdits {
  readonly #now: () => number
  readonly #tell: (entries: readonly WaitingEntry[]) => Promise<void>
  #gathered = new Map<string, Gathered>()
  #timer: NodeJS.Timeout | null = null

  constructor(now: () => number, tell: (entries: readonly WaitingEntry[]) => Promise<void>) {
    this.#now = now
    this.#tell = tell
  }

  add({ problems, ...edit }: RefusedEdit): void {
    const forPeople = problems.filter(({ code }) => !MENDED.includes(code))
    if (forPeople.length === 0 || edit.type.name === INBOX) return
    const key = `${edit.user} ${edit.room}`
    const known = this.#gathered.get(key) ?? { ...edit, reasons: new Map() }
    for (const problem of forPeople) {
      if (known.reasons.size < FIELDS_MAX) known.reasons.set(splitPath(problem.path)[0] ?? '', problem)
    }
    this.#gathered.set(key, known)
    this.#timer ??= setTimeout(() => void this.flush(), GATHER_MS)
    this.#timer.unref()
  }

  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const gathered = [...this.#gathered.values()]
    this.#gathered = new Map()
    const when = this.#now()
    if (gathered.length > 0) await this.#tell(gathered.map((edit, i) => entryOf(edit, when, i)))
  }
}

let count = 0

const entryOf = (
  { room, type, title, titles, user, reasons }: Gathered,
  when: number,
  i: number,
): WaitingEntry => ({
  ...saidOf(type, title, titles, reasons),
  user,
  id: `${when.toString(36).padStart(9, '0')}-refused-${process.pid.toString(36)}-${(++count).toString(36)}.${i.toString(36)}`,
  level: 'error',
  kind: 'edit_refused',
  several: 'of your changes were refused',
  title,
  type: type.name,
  room,
  who: '',
  name: '',
  when,
  critical: false,
  personal: true,
})

const saidOf = (
  type: RecordType,
  title: string,
  titles: NoticeParams,
  reasons: ReadonlyMap<string, Problem>,
): Pick<WaitingEntry, 'sentence' | 'params'> => {
  const said = inEachLanguage('reason', language =>
    [...reasons]
      .map(([field, problem]) => {
        const why = refusalIn(type, language, problem)
        return field === '' ? why : `${fieldIn(type, language, field)}: ${why}`
      })
      .join('; '),
  )
  const sentence = `«${title}»: what you changed was refused: ${said['reason']}`
  return { sentence, params: { ...titles, ...said } }
}
