// Of the inspector: what crosses the link while it is open.

import { type ReactElement, useSyncExternalStore } from 'react'
import { useDesk } from './desk-context.tsx'

const SHOWN = 30

export const LinkFrames = (): ReactElement => {
  const { traffic } = useDesk()
  const snapshot = (): typeof traffic.frames => traffic.frames
  const frames = useSyncExternalStore(traffic.subscribe, snapshot, snapshot)
  return (
    <>
      <h4 style={{ margin: '8px 0 4px' }}>Link, the latest {Math.min(SHOWN, frames.length)} frames</h4>
      <ol style={{ fontFamily: 'monospace', listStyle: 'none', padding: 0, margin: 0 }}>
        {frames.slice(0, SHOWN).map((frame, i) => (
          // Frames have no name, and only ever come in before the others.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={`${frame.at} ${i}`}>
            {new Date(frame.at).toISOString().slice(11, 23)} {frame.direction === 'in' ? '←' : '→'}{' '}
            {frame.room ?? 'link'} {frame.kind} {frame.bytes} B
          </li>
        ))}
      </ol>
    </>
  )
}
