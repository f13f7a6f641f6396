// What a person can take back in one record, and do again: each write of theirs a step, and what they typed, of which
// Yjs keeps the steps itself.

import * as Y from 'yjs'
import type { CellIndex } from './cell-index.ts'
import { firstSegment, type RecordType } from './define-record.ts'
import { ACTIONS } from './path.ts'
import { planUndo, renewSteps, type UndoResult, type UndoStep } from './undo.ts'
import type { Value } from './value.ts'
import type { Intent, Written } from './writer.ts'

export interface UndoHistoryParts {
  readonly type: RecordType
  readonly index: CellIndex
  readonly textNames: readonly string[]
  /** Writes without making a step of it. */
  readonly write: (intents: readonly Intent[]) => readonly Written[]
  readonly removalOf: (path: string) => Value
}

const STEPS_MAX = 200

export class UndoHistory {
  readonly #parts: UndoHistoryParts
  #undoSteps: UndoStep[] = []
  #redoSteps: UndoStep[] = []
  #texts: Y.UndoManager | null = null
  /** By path, what is written as one step. */
  #together: Map<string, Written> | null = null

  constructor(parts: UndoHistoryParts) {
    this.#parts = parts
  }

  get canUndo(): boolean {
    return this.#undoSteps.length > 0
  }

  get canRedo(): boolean {
    return this.#redoSteps.length > 0
  }

  wrote(written: readonly Written[]): void {
    // What the server was asked to do is not taken back.
    if (written.every(({ path }) => firstSegment(path) === ACTIONS)) return
    // What is typed after a write is a step after it, however soon.
    this.#texts?.stopCapturing()
    if (this.#together === null) this.#push({ kind: 'cells', written })
    else
      for (const one of written) {
        const first = this.#together.get(one.path)
        this.#together.set(one.path, first === undefined ? one : { ...first, cell: one.cell })
      }
  }

  /** What is written meanwhile is one step. */
  together(run: () => void): void {
    if (this.#together !== null) {
      run()
      return
    }
    const written = new Map<string, Written>()
    this.#together = written
    try {
      run()
    } finally {
      this.#together = null
      if (written.size > 0) this.#push({ kind: 'cells', written: [...written.values()] })
    }
  }

  /** From now on, what is typed into texts is a step. */
  watchTexts(): Y.UndoManager {
    this.#texts ??= this.#startUndoManager()
    return this.#texts
  }

  back(way: 'undo' | 'redo'): UndoResult | null {
    const [from, to] =
      way === 'undo' ? [this.#undoSteps, this.#redoSteps] : [this.#redoSteps, this.#undoSteps]
    const step = from.at(-1)
    if (step === undefined) return null
    const { type, index, textNames, write, removalOf } = this.#parts
    if (step.kind === 'text') {
      from.pop()
      to.push(step)
      this.#texts?.[way]()
      return { undone: textNames, kept: [] }
    }
    const { writes, removals, restorals, undone, kept } = planUndo(type, index, step.written)
    const intents: Intent[] = [
      ...writes.map(({ path, value }): Intent => ({ path, value, shown: 'value' })),
      ...removals.map((path): Intent => ({ path, value: removalOf(path), shown: 'all' })),
      ...restorals.map((path): Intent => ({ path, value: null, shown: 'all' })),
    ]
    // A refusal leaves the step where it is: what is forbidden now may be allowed again later.
    const written = intents.length === 0 ? [] : write(intents)
    const before = renewSteps(from.slice(0, -1), step.written, written)
    const after: UndoStep[] = written.length === 0 ? to : [...to, { kind: 'cells', written }]
    this.#undoSteps = way === 'undo' ? before : after
    this.#redoSteps = way === 'undo' ? after : before
    return { undone, kept }
  }

  close(): void {
    this.#texts?.destroy()
    this.#texts = null
  }

  #startUndoManager(): Y.UndoManager {
    const { textNames, index } = this.#parts
    const manager = new Y.UndoManager(
      textNames.map(name => index.doc.getText(name)),
      {
        trackedOrigins: new Set([null]),
        captureTimeout: 500,
        // An update applied without an origin looks as if it had been typed here.
        captureTransaction: transaction => transaction.local,
      },
    )
    manager.on('stack-item-added', ({ type }: { type: 'undo' | 'redo' }) => {
      if (type === 'undo' && !manager.undoing && !manager.redoing) this.#push({ kind: 'text' })
    })
    return manager
  }

  #push(step: UndoStep): void {
    this.#redoSteps = []
    this.#undoSteps.push(step)
    if (this.#undoSteps.length > STEPS_MAX) this.#undoSteps.shift()
  }
}
