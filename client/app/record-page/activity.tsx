import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { RecordType, Value } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useAskServer } from '../session/ask-server.ts'
import { useNameOf } from '../session/directory.tsx'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { ChangeText } from './change-text.tsx'
import { type HistoryEvent, type HistoryPage, historyPath, parseHistory } from './history.ts'
import { type ReadableChange, readableChanges, type ShowValue, useShownValue } from './readable-changes.ts'
import { tryTo } from './say-trouble.ts'
import { labelled } from '../words/labelled.ts'
import { Drawer } from '../state/dialog.tsx'

interface ActivityProps {
  readonly type: RecordType
  readonly id: string
  readonly fieldName: (path: string) => string
  readonly showValue: ShowValue | undefined
  readonly onClose: () => void
}

/** Who changed what, from what to what; an earlier value can be put back. */
export default function Activity(props: ActivityProps) {
  const { type, id, onClose } = props
  const words = useAppWords()
  const { events, next, isFailed, more } = useHistory(type, id)
  return (
    <Drawer opened onClose={onClose} position="right" title={words.activity}>
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
  const address = historyPath(type.name, id)
  const at = updated?.at ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: a later edit is what makes it ask again
  useEffect(() => {
    const stop = new AbortController()
    ask(address, stop.signal).then(
      body => {
        setPage(before => joined(parseHistory(body), before))
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

/** Who has read on into the past is not taken back to the latest by an edit. */
const joined = (latest: HistoryPage, before: HistoryPage | undefined): HistoryPage => {
  const oldest = latest.events.at(-1)?.seq
  const isOneRow = oldest !== undefined && before?.events.some(({ seq }) => seq === oldest) === true
  if (!isOneRow) return latest
  const older = before.events.filter(({ seq }) => seq < oldest)
  return older.length === 0 ? latest : { events: [...latest.events, ...older], next: before.next }
}

interface ActivityLineProps extends ActivityProps {
  readonly event: HistoryEvent
}

const ActivityLine = ({ event, type, id, fieldName, showValue }: ActivityLineProps) => {
  const words = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const shown = useShownValue(type, showValue)
  return (
    <li>
      <div className="record-meta">
        <strong>{nameOf(event.by)}</strong>
        {event.isBeginning && ` ${words.activityCreated}`} · {format.dateTime(event.at)}
      </div>
      {event.texts.map(field => (
        <div key={field}>{words.activityChanged(fieldName(field))}</div>
      ))}
      {readableChanges(type, event.changes, fieldName, shown).map((change, place) => (
        // One person's devices may have written one field twice.
        // biome-ignore lint/suspicious/noArrayIndexKey: what has happened keeps its place.
        <Change key={`${change.path} ${place}`} change={change} type={type} id={id} />
      ))}
    </li>
  )
}

interface ChangeProps {
  readonly change: ReadableChange
  readonly type: RecordType
  readonly id: string
}

const Change = ({ change, type, id }: ChangeProps) => {
  const words = useAppWords()
  const { record, status } = useRecord(type, id)
  const { path, label, kind, from, before } = change
  const [list = '', entry] = path.split('/')
  const isEntry = entry !== undefined && type.fields[list]?.kind === 'list'
  if (path === '') return <div>{kind === 'removed' ? words.activityRemoved : words.activityRestored}</div>
  return (
    <div className="activity-change">
      <ChangeText change={change} />
      {change.isLost === true && <span className="record-meta"> · {words.activityLost}</span>}
      {before !== undefined && !status.readOnly && (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={labelled(words.restoreValue, `${label}, ${from ?? ''}`)}
          // It stood in this field once, so it is a value of it; whether it may stand there now, the record says.
          onClick={() => tryTo(() => record?.write(path, before as Value))}
        >
          {words.restoreValue}
        </Button>
      )}
      {kind === 'removed' && isEntry && !status.readOnly && (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={labelled(words.restore, label)}
          onClick={() => tryTo(() => record?.restore(path))}
        >
          {words.restore}
        </Button>
      )}
    </div>
  )
}
