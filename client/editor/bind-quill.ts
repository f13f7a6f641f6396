// Quill on a text: what one types goes there, what others type comes from there, and the keys take back one's own.

import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import type { Person } from '../record/presence.ts'
import { bindCursors, type CursorsEditor } from './quill-cursors.ts'
import { type DeltaOp, insertedBy } from './text-binding.ts'

interface Ops {
  readonly ops: readonly DeltaOp[]
}

interface Delta extends Ops {
  /** What makes the other of this one. */
  diff(other: Ops): Ops
  invert(before: unknown): { readonly ops: readonly object[] }
  /** The other as it is to be done behind this one. */
  transform(other: Ops, isThisFirst: boolean): Delta
}

interface Steps {
  readonly undo: readonly object[]
  readonly redo: readonly object[]
}

/** What of Quill is used; the application brings the editor. */
export interface QuillEditor extends CursorsEditor {
  readonly composition?: { readonly isComposing: boolean }
  readonly history?: { stack: Steps; readonly options?: { userOnly?: boolean }; cutoff(): void }
  getContents(): Delta
  setContents(delta: readonly object[], source: 'api'): unknown
  updateContents(delta: readonly object[], source: 'api'): unknown
  setSelection(index: number, length: number, source: 'silent'): unknown
  enable(isEnabled?: boolean): void
  on(name: 'text-change', tell: (delta: Delta, before: unknown, source: string) => void): unknown
  on(name: 'selection-change', tell: (range: unknown) => void): unknown
  on(name: 'composition-end', tell: () => void): unknown
  off(name: 'text-change', tell: (delta: Delta, before: unknown, source: string) => void): unknown
  off(name: 'selection-change', tell: (range: unknown) => void): unknown
  off(name: 'composition-end', tell: () => void): unknown
}

export interface BindQuillOptions {
  /** Of the record's presence: others are shown where they are in the text, and told where this person is. */
  readonly awareness?: Awareness | null | undefined
  readonly cursorColor?: ((person: Person) => string) | undefined
  /** Of the field. Sent, more would be refused, and all else with it that is unsent in this text: it is taken back. */
  readonly charsMax?: number
  /** Whether the last change was taken back for that. */
  readonly tooLong?: (isTooLong: boolean) => void
}

/** The two tell each other in the same words: a delta of one is a delta of the other. */
export const bindQuill = (
  text: Y.Text,
  editor: QuillEditor,
  {
    awareness,
    cursorColor = person => person.color,
    charsMax = Number.POSITIVE_INFINITY,
    tooLong = () => {},
  }: BindQuillOptions = {},
): (() => void) => {
  let isOwn = false
  let steps = stepsOf(editor)
  /** Of others, while an input method puts a word together: Quill would take it for typed here. */
  let waiting: readonly Ops[] = []
  const observe = ({ delta: ops }: Y.YTextEvent): void => {
    if (isOwn) return
    if (editor.composition?.isComposing === true) waiting = [...waiting, { ops }]
    else editor.updateContents(ops, 'api')
  }
  const composed = (): void => {
    const all = waiting
    waiting = []
    for (const { ops } of all) editor.updateContents(ops, 'api')
  }
  const takeBack = (delta: Delta, before: unknown): void => {
    const { undo, redo } = steps
    editor.updateContents(delta.invert(before).ops, 'api')
    // What did not come to be is no step to take back, and what could not be taken back still is one.
    if (editor.history !== undefined) editor.history.stack = { undo: [...undo], redo: [...redo] }
    editor.history?.cutoff()
    steps = { undo, redo }
    // Quill goes where it would have been: one goes on where one was.
    queueMicrotask(() => {
      if (editor.getSelection() !== null)
        editor.setSelection(delta.ops[0]?.retain ?? 0, deletedBy(delta.ops), 'silent')
    })
  }
  const changed = (delta: Delta, before: unknown, source: string): void => {
    if (source === 'api') {
      steps = stepsOf(editor)
      return
    }
    const growth = growthBy(delta.ops)
    const isTooLong = growth > 0 && text.length + growth > charsMax
    tooLong(isTooLong)
    if (isTooLong) return takeBack(delta, before)
    steps = stepsOf(editor)
    let own = delta
    waiting = waiting.map(others => {
      const behindOwn = own.transform(others, false)
      own = likeDelta(own, others).transform(own, true)
      return behindOwn
    })
    isOwn = true
    try {
      text.doc?.transact(() => text.applyDelta([...own.ops]))
    } finally {
      isOwn = false
    }
  }
  // Otherwise Quill takes back whatever came last, whoever wrote it, and at first the text itself.
  if (editor.history?.options !== undefined) editor.history.options.userOnly = true
  // In the middle of a word another text is a change by others like any.
  if (editor.composition?.isComposing === true) waiting = [missingIn(editor, text)]
  else editor.setContents(text.toDelta() as object[], 'api')
  text.observe(observe)
  editor.on('text-change', changed)
  editor.on('composition-end', composed)
  const leave = awareness && bindCursors(text, editor, awareness, cursorColor)
  return () => {
    leave?.()
    text.unobserve(observe)
    editor.off('text-change', changed)
    editor.off('composition-end', composed)
  }
}

/** What makes of the words in the editor those of the text; the editor's end with a line. */
const missingIn = (editor: QuillEditor, text: Y.Text): Ops => {
  const shown = editor.getContents()
  const ops = text.toDelta() as readonly DeltaOp[]
  const last = ops.at(-1)?.insert
  const isLine = typeof last === 'string' && last.endsWith('\n')
  return shown.diff(likeDelta(shown, { ops: isLine ? ops : [...ops, { insert: '\n' }] }))
}

/** Quill changes these lists in place. */
const stepsOf = ({ history }: QuillEditor): Steps => ({
  undo: [...(history?.stack.undo ?? [])],
  redo: [...(history?.stack.redo ?? [])],
})

/** The application has the class. */
const likeDelta = (delta: Delta, { ops }: Ops): Delta =>
  new (delta.constructor as new (ops: readonly DeltaOp[]) => Delta)(ops)

const growthBy = (ops: readonly DeltaOp[]): number =>
  ops.reduce((sum, op) => sum + insertedBy(op), 0) - deletedBy(ops)

const deletedBy = (ops: readonly DeltaOp[]): number => ops.reduce((sum, op) => sum + (op.delete ?? 0), 0)
