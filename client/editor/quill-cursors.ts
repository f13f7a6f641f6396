// Where others are in a text, painted by Quill's module «cursors», and where this person is, told to them.

import type { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { type Person, readPerson } from '../record/presence.ts'

interface Range {
  readonly index: number
  readonly length: number
}

/** What of `quill-cursors` is used; the application registers it. */
interface CursorsModule {
  createCursor(id: string, name: string, color: string): unknown
  moveCursor(id: string, range: Range): void
  removeCursor(id: string): void
  clearCursors(): void
}

export interface CursorsEditor {
  /** Quill 2 answers with whatever was registered under that name. */
  getModule(name: string): unknown
  getSelection(): Range | null
  on(name: 'text-change' | 'selection-change', tell: () => void): unknown
  off(name: 'text-change' | 'selection-change', tell: () => void): unknown
}

/** Bound behind the text itself: it looks at the editor when both say the same. */
export const bindCursors = (
  text: Y.Text,
  editor: CursorsEditor,
  awareness: Awareness,
  colorOf: (person: Person) => string,
): (() => void) => {
  const { doc } = awareness
  const cursors = editor.getModule('cursors') as CursorsModule | undefined
  let told: object | null = null
  const say = (cursor: object | null): void => {
    // Of two editors of one record, the one that is left may hear of it last.
    const isElsewhere = told !== null && awareness.getLocalState()?.['cursor'] !== told
    told = cursor
    if (cursor !== null || !isElsewhere) awareness.setLocalStateField('cursor', cursor)
  }
  const tell = (): void => {
    const range = editor.getSelection()
    const cursor =
      range === null
        ? null
        : { anchor: placeAt(text, range.index), head: placeAt(text, range.index + range.length) }
    if (JSON.stringify(cursor) !== JSON.stringify(told)) say(cursor)
  }
  const paint = (id: number): void => {
    const state = awareness.getStates().get(id)
    const range = rangeIn(text, state?.cursor)
    const person = id === doc.clientID ? null : readPerson(id, state, '')
    if (range === null || person === null || person.state === 'gone') return cursors?.removeCursor(String(id))
    cursors?.createCursor(String(id), person.name, colorOf(person))
    cursors?.moveCursor(String(id), range)
  }
  const paintAll = (): void => {
    for (const id of awareness.getStates().keys()) paint(id)
  }
  const changed = (ids: { readonly [kind in 'added' | 'updated' | 'removed']: readonly number[] }): void => {
    for (const id of [...ids.added, ...ids.updated, ...ids.removed]) paint(id)
  }
  paintAll()
  tell()
  awareness.on('change', changed)
  text.observe(paintAll)
  editor.on('text-change', tell)
  editor.on('selection-change', tell)
  return () => {
    awareness.off('change', changed)
    text.unobserve(paintAll)
    editor.off('text-change', tell)
    editor.off('selection-change', tell)
    cursors?.clearCursors()
    if (told !== null) say(null)
  }
}

const placeAt = (text: Y.Text, index: number): unknown =>
  Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(text, index))

/** Others may say anything at all: what names no place in this text is none. */
const rangeIn = (text: Y.Text, cursor: unknown): Range | null => {
  if (typeof cursor !== 'object' || cursor === null) return null
  const anchor = indexOf(text, Reflect.get(cursor, 'anchor'))
  const head = indexOf(text, Reflect.get(cursor, 'head'))
  if (anchor === null || head === null) return null
  return { index: Math.min(anchor, head), length: Math.abs(head - anchor) }
}

const indexOf = (text: Y.Text, place: unknown): number | null => {
  if (text.doc === null) return null
  try {
    const found = Y.createAbsolutePositionFromRelativePosition(
      Y.createRelativePositionFromJSON(place),
      text.doc,
    )
    return found?.type === text ? found.index : null
  } catch {
    return null
  }
}
