// What merged, and why, in words. Each frame reports what it shows; from the difference to what it showed before,
// and from what the others show, a sentence follows. Nothing is told twice, whichever frame learns of it first.

import {
  type FieldFacts,
  type FrameFacts,
  type FrameName,
  frameNames,
  frameOf,
  type LabKind,
  labKinds,
  type RecordFacts,
} from './frames.ts'

/** The merge rule of a field, as its schema declares it. */
export type Policy = 'last' | 'first' | 'max' | 'min' | 'review'

export type StoryFact =
  | { readonly tells: 'lost network' }
  | { readonly tells: 'came back'; readonly unsent: number }
  | { readonly tells: 'saved'; readonly count: number }
  | { readonly tells: 'clock'; readonly skewMs: number }
  | {
      readonly tells: 'wrote'
      readonly kind: LabKind
      readonly path: string
      readonly value: unknown
      readonly isOffline: boolean
      readonly isTentative: boolean
    }
  | {
      readonly tells: 'conflict'
      readonly kind: LabKind
      readonly path: string
      readonly policy: Policy
      readonly shown: { readonly value: unknown; readonly by: string }
      readonly others: readonly { readonly value: unknown; readonly by: string }[]
    }
  | {
      readonly tells: 'settled'
      readonly kind: LabKind
      readonly path: string
      readonly value: unknown
      readonly by: string
    }
  | { readonly tells: 'confirmed'; readonly kind: LabKind; readonly path: string; readonly value: unknown }
  | { readonly tells: 'removed'; readonly kind: LabKind }
  | { readonly tells: 'restored'; readonly kind: LabKind }
  | { readonly tells: 'edited while removed'; readonly kind: LabKind }
  | { readonly tells: 'scanned'; readonly count: number; readonly isOffline: boolean }
  | { readonly tells: 'scans everywhere'; readonly count: number }
  | { readonly tells: 'asked to convert'; readonly isOffline: boolean }
  | { readonly tells: 'converted'; readonly number: string }
  | { readonly tells: 'answered'; readonly number: string }
  | {
      readonly tells: 'stamp set right'
      readonly kind: LabKind
      readonly path: string
      readonly byMs: number
    }
  | { readonly tells: 'refused'; readonly path: string; readonly sentence: string }
  | { readonly tells: 'case'; readonly name: string }

export interface StoryEntry {
  readonly id: number
  readonly at: number
  readonly frame: FrameName | null
  readonly fact: StoryFact
}

export interface StoryOptions {
  readonly policyOf: (kind: LabKind, path: string) => Policy
  readonly now: () => number
}

/** Longer lines are of no use to anybody. */
const ENTRIES_MAX = 200
const HOUR_MS = 3_600_000

export class Story {
  readonly #options: StoryOptions
  readonly #shown = new Map<FrameName, FrameFacts>()
  readonly #told = new Set<string>()
  #entries: readonly StoryEntry[] = []
  #number = 0
  #firstAsker: FrameName | null = null

  constructor(options: StoryOptions) {
    this.#options = options
  }

  /** The latest first. */
  get entries(): readonly StoryEntry[] {
    return this.#entries
  }

  begin(name: string): void {
    // A case may be played again, and is told again.
    this.#told.clear()
    this.#firstAsker = null
    this.#tell(null, { tells: 'case', name })
  }

  clear(): void {
    this.#told.clear()
    this.#entries = []
  }

  /** True when there is something new to read. */
  take(frame: FrameName, facts: FrameFacts): boolean {
    const before = this.#shown.get(frame)
    const count = this.#number
    const first = this.#entries[0]
    this.#shown.set(frame, facts)
    if (before === undefined) return false
    this.#tellCarrier(frame, before, facts)
    for (const kind of labKinds) {
      const was = before.records[kind]
      const is = facts.records[kind]
      if (was !== undefined && is !== undefined) this.#tellRecord(frame, kind, was, is, facts)
    }
    for (const { id, path, sentence } of facts.refused) {
      if (before.refused.some(each => each.id === id)) continue
      this.#tell(frame, { tells: 'refused', path, sentence })
    }
    return this.#number !== count || this.#entries[0] !== first
  }

  #tellCarrier(frame: FrameName, before: FrameFacts, facts: FrameFacts): void {
    if (before.isOnline && !facts.isOnline) this.#tell(frame, { tells: 'lost network' })
    if (!before.isOnline && facts.isOnline) this.#tell(frame, { tells: 'came back', unsent: before.pending })
    if (facts.skewMs !== before.skewMs) this.#tell(frame, { tells: 'clock', skewMs: facts.skewMs })
    // Of single edits it goes without saying.
    if (before.pending > 1 && facts.pending === 0 && facts.isOnline)
      this.#tell(frame, { tells: 'saved', count: before.pending })
  }

  #tellRecord(frame: FrameName, kind: LabKind, was: RecordFacts, is: RecordFacts, facts: FrameFacts): void {
    const isOffline = !facts.isOnline
    for (const [path, field] of Object.entries(is.fields)) {
      const earlier = was.fields[path]
      if (earlier !== undefined) this.#tellField(frame, kind, path, earlier, field, facts)
    }
    if (!was.removed && is.removed)
      this.#once(`removed ${kind} ${is.removedBy}`, frameOf(is.removedBy) ?? frame, {
        tells: 'removed',
        kind,
      })
    if (was.removed && !is.removed) this.#once(`restored ${kind}`, frame, { tells: 'restored', kind })
    if (is.editedWhileRemoved && !was.editedWhileRemoved)
      this.#once(`edited while removed ${kind}`, null, { tells: 'edited while removed', kind })
    this.#tellScans(frame, was, is, isOffline)
    if (was.converting !== 'requested' && is.converting === 'requested') {
      if (!isOffline) this.#firstAsker ??= frame
      this.#tell(frame, { tells: 'asked to convert', isOffline })
    }
    if (is.orderNumber !== null && was.orderNumber === null)
      this.#once(`converted ${is.orderNumber}`, null, { tells: 'converted', number: is.orderNumber })
    const isAnswered = is.converting === 'accepted' && was.converting === 'requested'
    // Whoever's request made it has read so in the line above.
    if (isAnswered && this.#firstAsker === frame) return
    if (isAnswered && is.orderNumber !== null)
      this.#once(`answered ${frame}`, frame, { tells: 'answered', number: is.orderNumber })
  }

  #tellField(
    frame: FrameName,
    kind: LabKind,
    path: string,
    was: FieldFacts,
    is: FieldFacts,
    facts: FrameFacts,
  ): void {
    const isOwn = is.by === facts.person
    if (isOwn && (is.at !== was.at || !isEqual(is.value, was.value)) && !isEqual(is.value, was.value)) {
      this.#once(
        `wrote ${kind} ${path} ${frame} ${JSON.stringify(is.value)} ${Math.round((is.at ?? 0) / 5_000)}`,
        frame,
        {
          tells: 'wrote',
          kind,
          path,
          value: is.value,
          isOffline: !facts.isOnline,
          isTentative: is.tentative,
        },
      )
    }
    const movedMs = (was.at ?? 0) - (is.at ?? 0)
    if (isOwn && isEqual(is.value, was.value) && movedMs > HOUR_MS)
      this.#tell(frame, { tells: 'stamp set right', kind, path, byMs: movedMs })
    if (was.tentative && !is.tentative && is.value !== null && isEqual(was.value, is.value))
      this.#once(`confirmed ${kind} ${path} ${JSON.stringify(is.value)}`, null, {
        tells: 'confirmed',
        kind,
        path,
        value: is.value,
      })
    const key = conflictKey(is)
    if (key !== '' && key !== conflictKey(was)) {
      this.#once(`conflict ${kind} ${path} ${key}`, null, {
        tells: 'conflict',
        kind,
        path,
        policy: this.#options.policyOf(kind, path),
        shown: { value: is.value, by: is.by ?? '' },
        others: is.conflict.map(({ value, by }) => ({ value, by })),
      })
    }
    if (was.conflict.length > 0 && is.conflict.length === 0 && facts.isOnline)
      this.#once(`settled ${kind} ${path} ${JSON.stringify(is.value)} ${is.at}`, null, {
        tells: 'settled',
        kind,
        path,
        value: is.value,
        by: is.by ?? '',
      })
  }

  /** Forty scans are one line that counts. */
  #tellScans(frame: FrameName, was: RecordFacts, is: RecordFacts, isOffline: boolean): void {
    const added = is.scans - was.scans
    if (added <= 0) return
    const [latest] = this.#entries
    const isGoingOn = latest?.frame === frame && latest.fact.tells === 'scanned'
    if (isGoingOn && latest.fact.tells === 'scanned') {
      const fact = { ...latest.fact, count: latest.fact.count + added, isOffline }
      this.#entries = [{ ...latest, fact }, ...this.#entries.slice(1)]
      return
    }
    const counts = frameNames.map(each => this.#shown.get(each)?.records.trebovanje?.scans ?? 0)
    const isEverywhere = counts.every(count => count === is.scans)
    if (added === 1 || isOffline) {
      if (!isEverywhere || added > 1) this.#tell(frame, { tells: 'scanned', count: added, isOffline })
    }
    if (isEverywhere && is.scans > 1)
      this.#once(`scans ${is.scans}`, null, { tells: 'scans everywhere', count: is.scans })
  }

  #once(key: string, frame: FrameName | null, fact: StoryFact): void {
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#tell(frame, fact)
  }

  #tell(frame: FrameName | null, fact: StoryFact): void {
    const entry: StoryEntry = { id: ++this.#number, at: this.#options.now(), frame, fact }
    this.#entries = [entry, ...this.#entries].slice(0, ENTRIES_MAX)
  }
}

/** The same values of the same people, whichever of them is shown. */
const conflictKey = (field: FieldFacts): string =>
  field.conflict.length === 0
    ? ''
    : [...field.conflict, { value: field.value, by: field.by }]
        .map(({ value, by }) => `${by} ${JSON.stringify(value)}`)
        .sort()
        .join('\n')

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null)
