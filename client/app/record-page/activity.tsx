import { Button, Drawer } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RecordType, Value } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useAskServer } from '../session/ask-server.ts'
import { useNameOf } from '../session/directory.tsx'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { type HistoryChange, type HistoryEvent, type HistoryPage, parseHistory } from './history.ts'
import { tryTo } from './record-page.tsx'

interface ActivityProps {
  readonly type: RecordType
  readonly id: string
  readonly fieldName: (path: string) => string
  readonly showValue: ((path: string, value: unknown) => string) | undefined
  readonly onClose: () => void
}

/** Who changed what, from what to what; an earlier value can be put back. */
export default function Activity(props: ActivityProps) {
  const { type, id, onClose } = props
  const words = useAppWords()
  const { events, next, isFailed, more } = useHistory(type, id)
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      title={words.activity}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      {events === undefined ? (
        <Empty isQuiet title={isFailed ? words.activityOffline : words.loading} />
      ) : events.length === 0 ? (
        <Empty isQuiet title={words.activityEmpty} />
      ) : (
        <ol className="activity-list">
          {events.map(event => (
            <ActivityLine key={event.seq} event={event} {...props} />
          ))}
        </ol>
      )}
      {next !== null && (
        <Button mt="md" variant="default" size="sm" onClick={more}>
          {words.showMore}
        </Button>
      )}
    </Drawer>
  )
}

/** Asked anew whenever the record is saved by somebody: what is read stays as true as what is seen. */
const useHistory = (type: RecordType, id: string) => {
  const ask = useAskServer()
  const { updated } = useRecord(type, id)
  const [page, setPage] = useState<HistoryPage | undefined>(undefined)
  const [isFailed, setIsFailed] = useState(false)
  const address = `/api/records/${encodeURIComponent(type.name)}/${encodeURIComponent(id)}/history`
  const at = updated?.at ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: a later edit is what makes it ask again
  useEffect(() => {
    const stop = new AbortController()
    ask(address, stop.signal).then(
      body => {
        setPage(parseHistory(body))
        setIsFailed(false)
      },
      () => {
        if (!stop.signal.aborted) setIsFailed(true)
      },
    )
    return () => stop.abort()
  }, [ask, address, at])
  const more = (): void => {
    if (page === undefined || page.next === null) return
    void ask(`${address}?before=${page.next}`).then(
      body => {
        const { events, next } = parseHistory(body)
        setPage(now => ({ events: [...(now?.events ?? []), ...events], next }))
      },
      () => setIsFailed(true),
    )
  }
  return { events: page?.events, next: page?.next ?? null, isFailed, more }
}

interface ActivityLineProps extends ActivityProps {
  readonly event: HistoryEvent
}

const ActivityLine = ({ event, type, id, fieldName, showValue = plainly }: ActivityLineProps) => {
  const words = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const { record, status } = useRecord(type, id)
  const putBack = (change: HistoryChange): void => {
    // It stood in this field once, so it is a value of it; whether it may stand there now, the record says.
    tryTo(() => record?.write(change.path, (change.from ?? null) as Value))
  }
  return (
    <li>
      <div className="record-meta">
        <strong>{nameOf(event.by)}</strong>
        {event.action === 'create' && ` ${words.activityCreated}`} · {format.dateTime(event.at)}
      </div>
      {event.texts.map(field => (
        <div key={field}>{words.activityChanged(fieldName(field))}</div>
      ))}
      {event.changes.map(change => (
        <div key={change.path} className="activity-change">
          {change.path === '' ? (
            isRemoval(change.to) ? (
              words.activityRemoved
            ) : (
              words.activityRestored
            )
          ) : (
            <>
              {fieldName(change.path)}:{' '}
              {change.from != null && (
                <>
                  <span className="activity-value">{showValue(change.path, change.from)}</span> →{' '}
                </>
              )}
              <span className="activity-value">{showValue(change.path, change.to)}</span>
              {change.from != null && !change.path.includes('/') && !status.readOnly && (
                <Button size="compact-xs" variant="subtle" onClick={() => putBack(change)}>
                  {words.restoreValue}
                </Button>
              )}
            </>
          )}
        </div>
      ))}
    </li>
  )
}

const isRemoval = (value: unknown): boolean => value !== null && value !== undefined

const plainly = (_: string, value: unknown): string =>
  value === null || value === undefined
    ? '–'
    : typeof value === 'object'
      ? JSON.stringify(value)
      : String(value)
