import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useTray } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { Link } from '../route/link.tsx'
import { pathOfRecord } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'
import { useReasonWords } from '../words/reason-words.ts'
import { Empty } from './empty.tsx'
import { RecordTitle, typeOf } from './record-title.tsx'
import { useFieldNames } from './use-field-names.ts'

/** What was refused, by the name of its record and of its field: with what can be done about it. */
export default function RefusedList() {
  const words = useAppWords()
  const format = useFormat()
  const fieldName = useFieldNames()
  const reason = useReasonWords()
  const { items, retry, discard, discardAll } = useTray()
  const [copied, setCopied] = useState('')
  if (items === undefined || items.length === 0) return <Empty isQuiet title={words.trayEmpty} />
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {words.trayIntro}
      </Text>
      <ul className="refused-list">
        {items.map(({ id, room, path, text, at, sentence }) => (
          <li key={id}>
            <Text size="sm" fw={600}>
              {reason(sentence)}
            </Text>
            <Text size="xs" c="dimmed">
              <RecordLink room={room} />
              {path !== '' && ` · ${fieldName(typeOf(room), path)}`} · {format.dateTime(at)}
            </Text>
            {text !== '' && <code className="refused-value">{text}</code>}
            <Group gap={6} mt={6}>
              <Button size="compact-sm" variant="light" onClick={() => void retry(id)}>
                {words.retry}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  void navigator.clipboard?.writeText(text).then(() => setCopied(id))
                }}
              >
                {copied === id ? words.copied : words.copy}
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

const RecordLink = ({ room }: { readonly room: string }) => {
  const path = pathOfRecord(room)
  const title = <RecordTitle room={room} />
  return path === null ? title : <Link to={path}>{title}</Link>
}
