// Of the inspector: what is so of the whole desk, and the handles.

import { type ReactElement, useCallback, useEffect, useState } from 'react'
import type { OnDevice } from '../local/on-device.ts'
import { useDesk } from './desk-context.tsx'
import { useSync } from './use-sync.ts'

export const DeskFacts = (): ReactElement => {
  const desk = useDesk()
  const { sync, carrier, pending, onDevice, refused, files, asOf, skewMs, storage, nextAttemptAt, error } =
    useSync()
  const facts: readonly (readonly [name: string, words: string])[] = [
    ['person', desk.me?.id ?? '–'],
    ['sync', `${sync}, carried by ${carrier ?? 'nothing'}`],
    ['pending', `${pending}, of which ${onDevice} on this device; ${refused} in the tray`],
    ['files', `${files.queued} queued, ${files.sending} being sent, ${files.failed} failed`],
    ['true as of', asOf === null ? '–' : new Date(asOf).toLocaleString()],
    ['clock', clockWords(skewMs)],
    ['healed', `${desk.link.heals} times`],
    ['next attempt', nextAttemptAt === null ? '–' : new Date(nextAttemptAt).toLocaleTimeString()],
    ['trouble', error?.sentence ?? '–'],
  ]
  return (
    <dl style={{ margin: '8px 0' }}>
      {facts.map(([name, words]) => (
        <div key={name}>
          <dt style={{ display: 'inline', fontWeight: 600 }}>{name}: </dt>
          <dd style={{ display: 'inline', margin: 0 }}>{words}</dd>
        </div>
      ))}
      <div>
        <dt style={{ display: 'inline', fontWeight: 600 }}>local storage: </dt>
        <dd style={{ display: 'inline', margin: 0 }}>
          <Storage state={storage} />
        </dd>
      </div>
    </dl>
  )
}

/**
 * Counted when the panel opens, when edits begin or end to wait, and when asked: with much on the device that is more
 * than a glance.
 */
const Storage = ({ state }: { readonly state: string }): ReactElement => {
  const desk = useDesk()
  const { pending, onDevice } = useSync()
  const isWaiting = onDevice > 0
  const isSaved = pending === 0
  const [words, setWords] = useState('…')
  const count = useCallback(() => {
    let isGone = false
    void Promise.all([desk.onDevice(), usedByOrigin()]).then(([held, used]) => {
      if (!isGone) setWords(`${heldWords(held)}; ${used}`)
    })
    return () => {
      isGone = true
    }
  }, [desk])
  // biome-ignore lint/correctness/useExhaustiveDependencies: these two say when there is something new to count
  useEffect(count, [count, isWaiting, isSaved])
  return (
    <>
      {state}: {words}{' '}
      <button type="button" onClick={() => void count()}>
        Count again
      </button>
    </>
  )
}

const clockWords = (skewMs: number | null): string => {
  if (skewMs === null) return 'not compared with the server yet'
  const ms = Math.round(Math.abs(skewMs)).toLocaleString('en')
  return skewMs < 0 ? `${ms} ms behind the server` : `${ms} ms ahead of the server`
}

const heldWords = (held: OnDevice | null): string =>
  held === null
    ? 'cannot be read'
    : `records: ${held.records} (${(held.recordBytes / 1_000).toFixed(1)} KB), with unsaved edits: ${held.unsaved}; ` +
      `lists: ${held.lists}; in the tray: ${held.inTray}`

const usedByOrigin = async (): Promise<string> => {
  if (typeof navigator === 'undefined' || navigator.storage === undefined) return 'size unknown'
  const { usage = 0, quota = 0 } = await navigator.storage.estimate()
  return `${(usage / 1e6).toFixed(1)} of ${(quota / 1e6).toFixed(0)} MB used by this site`
}

const DELAYS_MS = [0, 200, 1_000, 5_000]
const SHIFTS_MS = [0, -86_400_000, -3_600_000, 3_600_000, 86_400_000]

export const DeskHandles = (): ReactElement => {
  const desk = useDesk()
  const { tuning } = desk
  // What is set stays set while the panel is closed, so it is read from where it was set.
  const [, setCount] = useState(0)
  const act = (work: () => void): void => {
    work()
    setCount(count => count + 1)
  }
  return (
    <p style={{ margin: '8px 0' }}>
      <button
        type="button"
        aria-pressed={desk.isOffline}
        onClick={() => act(() => (desk.isOffline ? desk.goOnline() : desk.goOffline()))}
      >
        {desk.isOffline ? 'Go on line' : 'Go off line'}
      </button>{' '}
      <Choice
        label="Slow the link"
        options={DELAYS_MS}
        say={ms => `${ms} ms`}
        value={tuning.delayMs}
        choose={ms =>
          act(() => {
            tuning.delayMs = ms
          })
        }
      />{' '}
      <Choice
        label="Shift the clock"
        options={SHIFTS_MS}
        say={ms => `${ms / 3_600_000} h`}
        value={tuning.clockShiftMs}
        choose={ms =>
          act(() => {
            tuning.clockShiftMs = ms
          })
        }
      />
    </p>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly options: readonly number[]
  readonly value: number
  say(option: number): string
  choose(option: number): void
}

const Choice = ({ label, options, value, say, choose }: ChoiceProps): ReactElement => (
  <label>
    {label}{' '}
    <select value={value} onChange={({ target }) => choose(Number(target.value))}>
      {options.map(option => (
        <option key={option} value={option}>
          {say(option)}
        </option>
      ))}
    </select>
  </label>
)
