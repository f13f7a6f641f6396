// Which values came to the server long after they were written: by somebody who was off line. The server's history
// knows when each arrived; a cell knows only when it was written.

import { useEffect, useState } from 'react'
import { type HistoryEvent, historyPath, parseHistory } from '../record-page/history.ts'
import { useAskServer } from '../session/ask-server.ts'

export interface ValuePlace {
  /** `ticket` */
  readonly type: string
  readonly id: string
  readonly path: string
}

interface Written {
  readonly value: unknown
  readonly by: string
  readonly at: number | null
}

/** Slower than any line that is up. */
const LATE_MS = 5_000

/** Off line nobody knows, and nothing is said. */
export const useLateValues = ({ type, id, path }: ValuePlace): ((written: Written) => boolean) => {
  const ask = useAskServer()
  const [events, setEvents] = useState<readonly HistoryEvent[]>([])
  const address = historyPath(type, id)
  useEffect(() => {
    const stop = new AbortController()
    ask(address, stop.signal).then(
      body => setEvents(parseHistory(body).events),
      () => {},
    )
    return () => stop.abort()
  }, [ask, address])
  return ({ value, by, at }) => {
    if (at === null) return false
    const wanted = JSON.stringify(value)
    const arrived = events.find(
      event =>
        event.by === by &&
        event.changes.some(change => change.path === path && JSON.stringify(change.to) === wanted),
    )
    return arrived !== undefined && arrived.at - at > LATE_MS
  }
}
