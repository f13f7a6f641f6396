// A panel over any application: what is open, each cell with who wrote it, when, and whether it is saved; what
// crosses the link; and handles for what one cannot wait for: no network, a slow one, a wrong clock.

import { type CSSProperties, type ReactElement, useEffect, useReducer, useState } from 'react'
import { isDebugOn } from '../debug.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import { useDesk } from './desk-context.tsx'
import { DeskFacts, DeskHandles } from './inspector-desk.tsx'
import { LinkFrames } from './inspector-link.tsx'
import { RecordCells } from './inspector-record.tsx'

const REDRAW_MS = 500

/** With `when="debug"` an app can carry it for good: it shows where the debug switch is on. */
export const Inspector = ({
  when = 'always',
}: {
  readonly when?: 'always' | 'debug'
}): ReactElement | null => {
  const [isOpen, setIsOpen] = useState(false)
  if (when === 'debug' && !isDebugOn()) return null
  return (
    <aside
      style={{ ...CORNER, ...(isOpen ? PANEL : {}) }}
      aria-label="corecord inspector"
      data-corecord-inspector
    >
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
  const { lists } = desk.inUse
  return (
    <>
      <DeskHandles />
      <DeskFacts />
      <h4 style={HEADING}>
        {records.length} {records.length === 1 ? 'record' : 'records'} and {lists}{' '}
        {lists === 1 ? 'list' : 'lists'} open
      </h4>
      <ul style={{ margin: 0, paddingLeft: 16, maxHeight: 160, overflow: 'auto' }}>
        {records.map(one => (
          <li key={one.room}>
            <button
              type="button"
              aria-pressed={one.room === chosen}
              onClick={() => setChosen(one.room === chosen ? null : one.room)}
            >
              {one.room}
            </button>{' '}
            {summaryOf(one)}
          </li>
        ))}
      </ul>
      {record === null ? null : <RecordCells record={record} />}
      <LinkFrames />
    </>
  )
}

const summaryOf = ({ state, status, conflicts, presence }: RecordOnDesk): string =>
  [
    state,
    status.save,
    status.live ? 'live' : 'not live',
    status.pending > 0 ? `${status.pending} pending` : '',
    conflicts.length > 0 ? `${conflicts.length} in conflict` : '',
    presence.people.length > 0 ? `with ${presence.people.map(({ name }) => name).join(', ')}` : '',
  ]
    .filter(word => word !== '')
    .join(', ')

const HEADING: CSSProperties = { margin: '8px 0 4px' }

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
