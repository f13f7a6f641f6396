// What a person can take back in one record, and do again: each write of theirs a step, and what they typed, of which
// Yjs keeps the steps itself.

import * as Y from 'yjs'
import type { CellIndex } from './cell-index.ts'
import { ACTIONS, firstSegment } from './path.ts'
import type { RecordType } from './record-type.ts'
import { planUndo, renewSteps, type UndoResult, type UndoStep, withoutPassing } from './undo.ts'
import type { Value } from './value.ts'
import type { Intent, Written } from './writer.ts'

export interface UndoHistoryParts {
  readonly type: RecordType
  readonly index: CellIndex
  readonly textNames: readonly string[]
  /** The transaction origin of what is written together. */
  readonly origin: unknown
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
  /** By path, what is written as one step, and whether something is typed in it. */
  #together: { readonly written: Map<string, Written>; hasTyped: boolean } | null = null

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
    if (this.#together === null) {
      // What is typed after a write is a step after it, however soon.
      this.#texts?.stopCapturing()
      this.#push({ kind: 'cells', written })
      return
    }
    const steps = this.#together.written
    for (const one of written) {
      const first = steps.get(one.path)
      steps.set(one.path, first === undefined ? one : { ...first, cell: one.cell })
    }
  }

  /** What is written meanwhile is one step. */
  together(run: () => void): void {
    if (this.#together !== null) {
      run()
      return
    }
    const step = { written: new Map<string, Written>(), hasTyped: false }
    this.#together = step
    this.#texts?.stopCapturing()
    try {
      run()
    } finally {
      this.#together = null
      this.#texts?.stopCapturing()
      const written = withoutPassing([...step.written.values()])
      if (written.length > 0) this.#push({ kind: 'cells', written, hasTyped: step.hasTyped })
      else if (step.hasTyped) this.#push({ kind: 'text' })
    }
  }

  /** From now on, what is typed into texts is a step. */
  watchTexts(): void {
    this.#texts ??= this.#startUndoManager()
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
    const hasTyped = step.hasTyped === true
    if (hasTyped) this.#texts?.[way]()
    const before = renewSteps(from.slice(0, -1), step.written, written)
    const again: UndoStep[] =
      written.length > 0 ? [{ kind: 'cells', written, hasTyped }] : hasTyped ? [{ kind: 'text' }] : []
    const after = [...to, ...again]
    this.#undoSteps = way === 'undo' ? before : after
    this.#redoSteps = way === 'undo' ? after : before
    return { undone: hasTyped ? [...undone, ...textNames] : undone, kept }
  }

  close(): void {
    this.#texts?.destroy()
    this.#texts = null
  }

  #startUndoManager(): Y.UndoManager {
    const { textNames, index, origin } = this.#parts
    const manager = new Y.UndoManager(
      textNames.map(name => index.doc.getText(name)),
      {
        trackedOrigins: new Set([null, origin]),
        captureTimeout: 500,
        // An update applied without an origin looks as if it had been typed here.
        captureTransaction: transaction => transaction.local,
      },
    )
    manager.on('stack-item-added', ({ type }: { type: 'undo' | 'redo' }) => {
      if (type !== 'undo' || manager.undoing || manager.redoing) return
      if (this.#together === null) this.#push({ kind: 'text' })
      else this.#together.hasTyped = true
    })
    return manager
  }

  #push(step: UndoStep): void {
    this.#redoSteps = []
    this.#undoSteps.push(step)
    if (this.#undoSteps.length > STEPS_MAX) this.#undoSteps.shift()
  }
}
