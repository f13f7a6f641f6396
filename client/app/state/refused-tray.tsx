import { Button, Drawer, Group, Text } from '@mantine/core'
import { IconAlertTriangleFilled } from '@tabler/icons-react'
import { useState } from 'react'
import { useTray } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { Link } from '../route/link.tsx'
import { pathOfRecord } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'
import { Empty } from './empty.tsx'
import './state.css'

/** In the header, and only when there is something in it: what the server refused, kept until its writer decides. */
export const RefusedTray = () => {
  const words = useAppWords()
  const { items } = useTray()
  const [isOpen, setIsOpen] = useState(false)
  const count = items?.length ?? 0
  if (count === 0 && !isOpen) return null
  return (
    <>
      <button
        type="button"
        className="refused-button"
        aria-label={words.trayCount(count)}
        onClick={() => setIsOpen(true)}
      >
        <IconAlertTriangleFilled size={16} aria-hidden />
        {count}
      </button>
      <Drawer
        opened={isOpen}
        onClose={() => setIsOpen(false)}
        position="right"
        title={words.tray}
        closeButtonProps={{ 'aria-label': words.close }}
      >
        <TrayList />
      </Drawer>
    </>
  )
}

const TrayList = () => {
  const words = useAppWords()
  const format = useFormat()
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
              {sentence}
            </Text>
            <Text size="xs" c="dimmed">
              <RoomLink room={room} />
              {path !== '' && ` · ${path}`} · {format.dateTime(at)}
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

const RoomLink = ({ room }: { readonly room: string }) => {
  const path = pathOfRecord(room)
  return path === null ? room : <Link to={path}>{room}</Link>
}
