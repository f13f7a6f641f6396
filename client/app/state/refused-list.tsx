import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { RecordError, type RecordType } from '../../../shared/index.ts'
import type { TrayItem } from '../../index.ts'
import { useTray } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { readableChanges, useShownValue } from '../record-page/readable-changes.ts'
import { sayTrouble } from '../record-page/say-trouble.ts'
import { Link } from '../route/link.tsx'
import { pathOfRecord } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'
import { useTypeWords } from '../words/type-words.ts'
import { Empty } from './empty.tsx'
import { RecordTitle, useTypeOf } from './record-title.tsx'

/** What was refused, by the name of its record and of its field: with what can be done about it. */
export default function RefusedList() {
  const words = useAppWords()
  const { items, discardAll } = useTray()
  if (items === undefined || items.length === 0) return <Empty isQuiet title={words.trayEmpty} />
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {words.trayIntro}
      </Text>
      <ul className="refused-list">
        {items.map(item => (
          <Refused key={item.id} item={item} />
        ))}
      </ul>
      {items.length > 1 && (
        <Button mt="md" variant="subtle" c="var(--red-text)" color="red" onClick={discardAll}>
          {words.discardAll}
        </Button>
      )}
    </>
  )
}

const Refused = ({ item }: { readonly item: TrayItem }) => {
  const type = useTypeOf(item.room)
  return type === undefined ? (
    <RefusedLine item={item} why={item.sentence} about={item.path} written={item.text} />
  ) : (
    <RefusedOf type={type} item={item} />
  )
}

/** As the page of the record says it. */
const RefusedOf = ({ type, item }: { readonly type: RecordType; readonly item: TrayItem }) => {
  const words = useAppWords()
  const { field, reason } = useTypeWords()
  const shown = useShownValue(type, undefined)
  const { path, value } = item
  const about = path === '' ? '' : field(type, path)
  const [change] = readableChanges(type, [{ path, from: null, to: value, isLost: false }], () => about, shown)
  const deeds = { value: '', text: '', added: words.add, removed: words.delete, restored: words.restore }
  const written = change === undefined ? [] : [deeds[change.kind], change.to].filter(part => part !== '')
  return <RefusedLine item={item} why={reason(type, item)} about={about} written={written.join(': ')} />
}

interface RefusedLineProps {
  readonly item: TrayItem
  readonly why: string
  readonly about: string
  readonly written: string
}

const RefusedLine = ({ item: { id, room, at, isAgain }, why, about, written }: RefusedLineProps) => {
  const words = useAppWords()
  const format = useFormat()
  const { retry, discard } = useTray()
  const [isCopied, setIsCopied] = useState(false)
  return (
    <li>
      {isAgain === true && (
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
      {written !== '' && <code className="refused-value">{written}</code>}
      <Group gap={6} mt={6}>
        <Button size="compact-sm" variant="light" onClick={() => void retry(id).catch(sayUnlessShown)}>
          {words.retry}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            void navigator.clipboard?.writeText(written).then(() => setIsCopied(true))
          }}
        >
          {isCopied ? words.copied : words.copy}
        </Button>
        <Button
          size="compact-sm"
          variant="subtle"
          c="var(--red-text)"
          color="red"
          onClick={() => discard(id)}
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
