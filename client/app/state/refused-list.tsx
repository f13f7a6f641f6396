import { Button, Group, Text } from '@mantine/core'
import { Fragment, type ReactNode, useRef, useState } from 'react'
import { localId, RecordError, type RecordType } from '../../../shared/index.ts'
import { useRecord, useTray } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { ShownValue } from '../record-page/change-text.tsx'
import { isObject } from '../record-page/history.ts'
import { readableChanges, useShownValue } from '../record-page/readable-changes.ts'
import { sayTrouble } from '../record-page/say-trouble.ts'
import { Link } from '../route/link.tsx'
import { pathOfRecord } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'
import { type EntryName, useTypeWords } from '../words/type-words.ts'
import { Empty } from './empty.tsx'
import { RecordTitle, useTypeOf } from './record-title.tsx'
import { usePageValue } from './use-page-value.ts'
import { reasonsOf, type RefusedChange, refusedChanges } from './refused-changes.ts'

/** What was refused, by the name of its record and of its field: with what can be done about it. */
export default function RefusedList() {
  const words = useAppWords()
  const { items, discardAll } = useTray()
  const changes = refusedChanges(items ?? [])
  if (changes.length === 0) return <Empty isQuiet title={words.trayEmpty} />
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {words.trayIntro}
      </Text>
      <ul className="refused-list">
        {changes.map(change => (
          <Refused key={change[0].id} change={change} />
        ))}
      </ul>
      {changes.length > 1 && (
        <Button mt="md" variant="subtle" c="var(--red-text)" color="red" onClick={discardAll}>
          {words.discardAll}
        </Button>
      )}
    </>
  )
}

const Refused = ({ change }: { readonly change: RefusedChange }) => {
  const [{ room, sentence, path, text }] = change
  const type = useTypeOf(room)
  return type === undefined ? (
    <RefusedLine change={change} why={sentence} about={path} written={text} />
  ) : (
    <RefusedOf type={type} change={change} />
  )
}

/** As the page of the record says it. */
const RefusedOf = ({ type, change }: { readonly type: RecordType; readonly change: RefusedChange }) => {
  const words = useAppWords()
  const { field, reason } = useTypeWords()
  const shown = useShownValue(type, usePageValue(type))
  const entryName = useEntryName(type, change[0].room)
  const nameOf = (path: string): string =>
    path === '' || path.startsWith('$') ? '' : field(type, path, entryName)
  const written = change.map(({ path, value }) => ({ path, from: null, to: value, isLost: false }))
  const deeds = { value: '', text: '', added: words.add, removed: words.delete, restored: words.restore }
  const lines = readableChanges(type, written, nameOf, shown)
  // Of one what it is about stands above it.
  const parts = lines.map(({ kind, label, to }) =>
    [lines.length > 1 ? label : '', deeds[kind], to].filter(part => part !== ''),
  )
  return (
    <RefusedLine
      change={change}
      why={[...new Set(reasonsOf(change).map(item => reason(type, item)))].join('; ')}
      about={lines.length > 1 ? '' : (lines[0]?.label ?? nameOf(change[0].path))}
      written={parts.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was refused does not change any more.
        <Fragment key={place}>
          {place > 0 && '\n'}
          {line.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: nor do its parts.
            <Fragment key={at}>
              {at > 0 && ': '}
              <ShownValue value={part} />
            </Fragment>
          ))}
        </Fragment>
      ))}
    />
  )
}

/** An entry that still stands in its list is known by what it is called there, else by its place: «Lines 3». */
const useEntryName = (type: RecordType, room: string): EntryName => {
  const { field } = useTypeWords()
  // A view of any type is read by name here.
  const view: unknown = useRecord(type, localId(type.name, room), now => now, { unseen: true })
  return (list, entry) => {
    const entries: unknown = isObject(view) ? view[list] : undefined
    if (!Array.isArray(entries)) return undefined
    const place = entries.findIndex(each => isObject(each) && each['id'] === entry)
    const name: unknown = entries[place]?.['name']
    if (place < 0) return undefined
    return typeof name === 'string' && name !== '' ? name : `${field(type, list)} ${place + 1}`
  }
}

interface RefusedLineProps {
  readonly change: RefusedChange
  readonly why: string
  readonly about: string
  readonly written: ReactNode
}

const RefusedLine = ({ change, why, about, written }: RefusedLineProps) => {
  const [{ id, room, at }] = change
  const words = useAppWords()
  const format = useFormat()
  const { retry, discard } = useTray()
  const [isCopied, setIsCopied] = useState(false)
  const value = useRef<HTMLElement>(null)
  return (
    <li>
      {change.some(({ isAgain }) => isAgain === true) && (
        <Text size="sm" c="var(--red-text)" role="status">
          {words.triedAgain}
        </Text>
      )}
      <Text size="sm" fw={600}>
        {why}
      </Text>
      <Text size="xs" c="dimmed">
        <RecordLink room={room} />
        {about !== '' && ` · ${about}`} · {format.dateTime(at)}
      </Text>
      <code className="refused-value" ref={value}>
        {written}
      </code>
      <Group gap={6} mt={6}>
        <Button size="compact-sm" variant="light" onClick={() => void retry(id).catch(sayUnlessShown)}>
          {words.retry}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            void navigator.clipboard
              ?.writeText(value.current?.textContent ?? '')
              .then(() => setIsCopied(true))
          }}
        >
          {isCopied ? words.copied : words.copy}
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          c="var(--red-text)"
          color="red"
          onClick={() => {
            for (const item of change) discard(item.id)
          }}
        >
          {words.discard}
        </Button>
      </Group>
    </li>
  )
}

/** What a rule says stands on the line; what the device says, as that its storage is full, stands nowhere yet. */
const sayUnlessShown = (error: unknown): void => {
  if (!(error instanceof RecordError)) sayTrouble(error)
}

const RecordLink = ({ room }: { readonly room: string }) => {
  const path = pathOfRecord(room)
  const title = <RecordTitle room={room} />
  return path === null ? title : <Link to={path}>{title}</Link>
}
