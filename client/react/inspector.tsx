// A panel over any application: what is open, each cell with who wrote it, when, and whether it is saved; what
// crosses the link; and handles for what one cannot wait for: no network, a slow one, a wrong clock.

import {
  type CSSProperties,
  type ReactElement,
  useEffect,
  useReducer,
  useState,
  useSyncExternalStore,
} from 'react'
import { stampToMs } from '../../shared/record/clock.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import { useDesk } from './desk-context.tsx'
import { useSync } from './use-sync.ts'

const REDRAW_MS = 500

export const Inspector = (): ReactElement => {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <aside style={{ ...CORNER, ...(isOpen ? PANEL : {}) }} data-corecord-inspector>
      <button type="button" onClick={() => setIsOpen(!isOpen)} aria-expanded={isOpen}>
        {isOpen ? 'Close' : 'corecord'}
      </button>
      {isOpen ? <Inside /> : null}
    </aside>
  )
}

const Inside = (): ReactElement => {
  const desk = useDesk()
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  const [chosen, setChosen] = useState<string | null>(null)
  useEffect(() => {
    const timer = setInterval(redraw, REDRAW_MS)
    return () => clearInterval(timer)
  }, [])
  const records = [...desk.openRecords()]
  const record = records.find(({ room }) => room === chosen) ?? null
  return (
    <>
      <Facts />
      <Handles />
      <h4>{records.length} records open</h4>
      <ul>
        {records.map(one => (
          <li key={one.room}>
            <button type="button" onClick={() => setChosen(one.room === chosen ? null : one.room)}>
              {one.room}
            </button>{' '}
            {one.state}, {one.status.save}
            {one.status.pending > 0 ? `, ${one.status.pending} pending` : ''}
            {one.conflicts.length > 0 ? `, ${one.conflicts.length} conflicts` : ''}
          </li>
        ))}
      </ul>
      {record === null ? null : <Cells record={record} />}
      <Frames />
    </>
  )
}

const Facts = (): ReactElement => {
  const desk = useDesk()
  const { sync, carrier, pending, onDevice, refused, skewMs, storage, nextAttemptAt, error } = useSync()
  const [used, setUsed] = useState<string>('…')
  useEffect(() => {
    let isGone = false
    void usedStorage().then(words => {
      if (!isGone) setUsed(words)
    })
    return () => {
      isGone = true
    }
  }, [])
  const facts: readonly (readonly [string, string])[] = [
    ['person', desk.me?.id ?? '–'],
    ['sync', `${sync}, carried by ${carrier ?? 'nothing'}`],
    ['pending', `${pending}, of which ${onDevice} on this device; ${refused} in the tray`],
    ['clock', skewMs === null ? 'not compared yet' : `${Math.round(skewMs)} ms ahead of the server`],
    ['storage', `${storage}, ${used}`],
    ['healed', `${desk.link.heals} times`],
    ['next attempt', nextAttemptAt === null ? '–' : new Date(nextAttemptAt).toLocaleTimeString()],
    ['trouble', error?.sentence ?? '–'],
  ]
  return (
    <dl>
      {facts.map(([name, words]) => (
        <div key={name}>
          <dt style={{ display: 'inline', fontWeight: 600 }}>{name}: </dt>
          <dd style={{ display: 'inline', margin: 0 }}>{words}</dd>
        </div>
      ))}
    </dl>
  )
}

const Handles = (): ReactElement => {
  const desk = useDesk()
  const { tuning } = desk
  const [isOffline, setIsOffline] = useState(false)
  const [delayMs, setDelayMs] = useState(tuning.delayMs)
  const [shiftMs, setShiftMs] = useState(tuning.clockShiftMs)
  return (
    <p>
      <button
        type="button"
        aria-pressed={isOffline}
        onClick={() => {
          if (isOffline) desk.goOnline()
          else desk.goOffline()
          setIsOffline(!isOffline)
        }}
      >
        {isOffline ? 'Go on line' : 'Go off line'}
      </button>{' '}
      <label>
        Slow the link{' '}
        <select
          value={delayMs}
          onChange={event => {
            tuning.delayMs = Number(event.target.value)
            setDelayMs(tuning.delayMs)
          }}
        >
          {[0, 200, 1_000, 5_000].map(ms => (
            <option key={ms} value={ms}>
              {ms} ms
            </option>
          ))}
        </select>
      </label>{' '}
      <label>
        Shift the clock{' '}
        <select
          value={shiftMs}
          onChange={event => {
            tuning.clockShiftMs = Number(event.target.value)
            setShiftMs(tuning.clockShiftMs)
          }}
        >
          {[0, -86_400_000, -3_600_000, 3_600_000, 86_400_000].map(ms => (
            <option key={ms} value={ms}>
              {ms / 3_600_000} h
            </option>
          ))}
        </select>
      </label>
    </p>
  )
}

const Cells = ({ record }: { readonly record: RecordOnDesk }): ReactElement => {
  const { replica } = record
  const cells = replica === null ? [] : [...replica.record.index.cells()]
  cells.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.stamp - b.stamp))
  return (
    <>
      <p>
        epoch {replica?.head.epoch ?? '–'}, generation {record.generation}, commit {replica?.head.commit ?? 0}
        , client id {replica?.doc.clientID}
      </p>
      <table>
        <thead>
          <tr>
            {['path', 'value', 'by', 'at', 'client', 'state'].map(name => (
              <th key={name} scope="col" style={{ textAlign: 'left' }}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map(({ path, value, author, stamp, client, clock }) => (
            <tr key={`${client}.${clock}`}>
              <td>{path || '(record)'}</td>
              <td>{JSON.stringify(value)}</td>
              <td>{author}</td>
              <td>{new Date(stampToMs(stamp)).toISOString()}</td>
              <td>{client}</td>
              <td>{replica?.ledger.stateOf(path)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  )
}

const Frames = (): ReactElement => {
  const { traffic } = useDesk()
  const snapshot = (): typeof traffic.frames => traffic.frames
  const frames = useSyncExternalStore(traffic.subscribe, snapshot, snapshot)
  return (
    <>
      <h4>Link</h4>
      <ol style={{ fontFamily: 'monospace', listStyle: 'none', padding: 0 }}>
        {frames.slice(0, 30).map((frame, i) => (
          // Frames have no name, and only ever come in before the others.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={`${frame.at} ${i}`}>
            {frame.direction === 'in' ? '←' : '→'} {frame.channel === 0 ? frame.control : `#${frame.channel}`}{' '}
            {frame.bytes} B
          </li>
        ))}
      </ol>
    </>
  )
}

const usedStorage = async (): Promise<string> => {
  if (typeof navigator === 'undefined' || navigator.storage === undefined) return 'size unknown'
  const { usage = 0, quota = 0 } = await navigator.storage.estimate()
  return `${(usage / 1e6).toFixed(1)} of ${(quota / 1e6).toFixed(0)} MB`
}

const CORNER: CSSProperties = {
  position: 'fixed',
  right: 8,
  bottom: 8,
  zIndex: 2_147_483_000,
  fontSize: 12,
  fontFamily: 'system-ui, sans-serif',
}

const PANEL: CSSProperties = {
  width: 'min(720px, calc(100vw - 16px))',
  maxHeight: '70vh',
  overflow: 'auto',
  padding: 12,
  borderRadius: 8,
  background: '#fff',
  color: '#111',
  boxShadow: '0 4px 24px rgb(0 0 0 / 30%)',
}
