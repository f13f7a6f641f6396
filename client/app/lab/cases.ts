// The famous cases, as a person would play them with three devices in their hands.

import {
  type Conditions,
  type Deed,
  type FrameFacts,
  type FrameName,
  frameNames,
  type LabKind,
} from './frames.ts'

/** The hands of whoever plays: each does one thing, at a pace that can be followed. */
export interface Stage {
  weather(frame: FrameName, conditions: Partial<Conditions>): Promise<void>
  deed(frame: FrameName, deed: Deed): void
  /** Until a frame shows it; goes on after a while in any case. */
  until(frame: FrameName, holds: (facts: FrameFacts) => boolean): Promise<void>
  pause(): Promise<void>
}

export interface LabCase {
  readonly key: 'caseClaim' | 'casePrice' | 'caseDelete' | 'caseScan' | 'caseConvert' | 'caseClock'
  readonly kind: LabKind
  readonly play: (stage: Stage) => Promise<void>
}

const offline = (facts: FrameFacts): boolean => !facts.isOnline
const settled = (facts: FrameFacts): boolean => facts.isOnline && facts.pending === 0
const dayMs = 86_400_000

const cutOff = async (stage: Stage, conditions: Partial<Conditions> = {}): Promise<void> => {
  await stage.weather('tablet', { isOffline: true, ...conditions })
  await stage.until('tablet', offline)
}

const comeBack = async (stage: Stage): Promise<void> => {
  await stage.pause()
  await stage.weather('tablet', { isOffline: false })
  await stage.until('tablet', settled)
}

/** What an earlier case has deleted is there again, for all. */
const begin = async (stage: Stage): Promise<void> => {
  stage.deed('office', { do: 'restore' })
  for (const frame of frameNames) await stage.until(frame, facts => facts.records.ticket?.removed === false)
}

export const labCases: readonly LabCase[] = [
  {
    key: 'caseClaim',
    kind: 'ticket',
    async play(stage) {
      await begin(stage)
      stage.deed('office', { do: 'release' })
      await stage.until('tablet', facts => facts.records.ticket?.fields['claimedBy']?.value === null)
      await cutOff(stage)
      stage.deed('tablet', { do: 'claim' })
      await stage.pause()
      stage.deed('office', { do: 'claim' })
      await stage.until('office', settled)
      await comeBack(stage)
    },
  },
  {
    key: 'casePrice',
    kind: 'ticket',
    async play(stage) {
      await begin(stage)
      await cutOff(stage)
      stage.deed('tablet', { do: 'set', kind: 'ticket', field: 'quote', value: 45_000 })
      await stage.pause()
      stage.deed('office', { do: 'set', kind: 'ticket', field: 'quote', value: 42_000 })
      await stage.until('office', settled)
      await comeBack(stage)
    },
  },
  {
    key: 'caseDelete',
    kind: 'ticket',
    async play(stage) {
      await begin(stage)
      await cutOff(stage)
      stage.deed('tablet', { do: 'set', kind: 'ticket', field: 'priority', value: 'high' })
      stage.deed('tablet', {
        do: 'set',
        kind: 'ticket',
        field: 'title',
        value: 'Door closes again, handle is loose',
      })
      await stage.pause()
      stage.deed('office', { do: 'remove' })
      await stage.until('office', settled)
      await comeBack(stage)
    },
  },
  {
    key: 'caseScan',
    kind: 'trebovanje',
    async play(stage) {
      await cutOff(stage)
      stage.deed('tablet', { do: 'scan', count: 40 })
      await stage.until('tablet', facts => facts.pending >= 40)
      await comeBack(stage)
    },
  },
  {
    key: 'caseConvert',
    kind: 'estimate',
    async play(stage) {
      await cutOff(stage)
      stage.deed('tablet', { do: 'convert' })
      await stage.pause()
      stage.deed('office', { do: 'convert' })
      await stage.until('office', facts => facts.records.estimate?.orderNumber != null)
      await comeBack(stage)
    },
  },
  {
    key: 'caseClock',
    kind: 'ticket',
    async play(stage) {
      await begin(stage)
      // Loaded anew with no network, it has nothing but its own clock to go by.
      await cutOff(stage, { skewMs: dayMs })
      stage.deed('tablet', { do: 'reload' })
      await stage.pause()
      await stage.until('tablet', facts => offline(facts) && facts.records.ticket !== undefined)
      stage.deed('tablet', {
        do: 'set',
        kind: 'ticket',
        field: 'title',
        value: 'Door: written by a clock of tomorrow',
      })
      await comeBack(stage)
      await stage.pause()
      stage.deed('office', {
        do: 'set',
        kind: 'ticket',
        field: 'title',
        value: 'Door: corrected by the office',
      })
      await stage.until('office', settled)
      await stage.pause()
      await stage.weather('tablet', { skewMs: 0 })
    },
  },
]
