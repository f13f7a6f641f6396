import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import type { TrayItem } from '../../index.ts'
import { useTray } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { Link } from '../route/link.tsx'
import { pathOfRecord } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'
import { useTypeWords } from '../words/type-words.ts'
import { Empty } from './empty.tsx'
import { RecordTitle, useTypeOf } from './record-title.tsx'

/** What was refused, by the name of its record and of its field: with what can be done about it. */
export default function RefusedList() {
  const words = useAppWords()
  const { items, retry, discard, discardAll } = useTray()
  const [copied, setCopied] = useState('')
  if (items === undefined || items.length === 0) return <Empty isQuiet title={words.trayEmpty} />
  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        {words.trayIntro}
      </Text>
      <ul className="refused-list">
        {items.map(item => (
          <li key={item.id}>
            <Refusal {...item} />
            {item.text !== '' && <code className="refused-value">{item.text}</code>}
            <Group gap={6} mt={6}>
              <Button size="compact-sm" variant="light" onClick={() => void retry(item.id)}>
                {words.retry}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => {
                  void navigator.clipboard?.writeText(item.text).then(() => setCopied(item.id))
                }}
              >
                {copied === item.id ? words.copied : words.copy}
              </Button>
              <Button
                size="compact-sm"
                variant="subtle"
                c="var(--red-text)"
                color="red"
                onClick={() => discard(item.id)}
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

/** Why, and what of which record. */
const Refusal = ({ room, path, at, code, sentence }: TrayItem) => {
  const format = useFormat()
  const { field, reason } = useTypeWords()
  const type = useTypeOf(room)
  return (
    <>
      <Text size="sm" fw={600}>
        {type === undefined ? sentence : reason(type, { code, sentence })}
      </Text>
      <Text size="xs" c="dimmed">
        <RecordLink room={room} />
        {path !== '' && ` · ${type === undefined ? path : field(type, path)}`} · {format.dateTime(at)}
      </Text>
    </>
  )
}

const RecordLink = ({ room }: { readonly room: string }) => {
  const path = pathOfRecord(room)
  const title = <RecordTitle room={room} />
  return path === null ? title : <Link to={path}>{title}</Link>
}
