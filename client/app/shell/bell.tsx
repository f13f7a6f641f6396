import { ActionIcon, Button, Group } from '@mantine/core'
import {
  IconAlertTriangle,
  IconBell,
  IconCircleCheck,
  IconExclamationCircle,
  IconInfoCircle,
  IconX,
} from '@tabler/icons-react'
import { useState } from 'react'
import { noticeIn } from '../../../shared/index.ts'
import type { InboxItem } from '../../index.ts'
import { useInbox } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { navigate, pathOfRecord } from '../route/route.ts'
import { useNameOf } from '../session/directory.tsx'
import { Empty } from '../state/empty.tsx'
import { NoticeAbout } from './notice-about.tsx'
import { useLanguage } from '../words/language.ts'
import { useFollowedPush } from './use-push.ts'
import { useSettled } from './use-settled.ts'
import { useAppWords } from '../words/app-words.ts'
import { useTroubleWords } from '../words/type-words.ts'
import { labelled } from '../words/labelled.ts'
import { Drawer } from '../state/dialog.tsx'

export const Bell = () => {
  const words = useAppWords()
  const { unread } = useInbox()
  const [isOpen, setIsOpen] = useState(false)
  useFollowedPush()
  return (
    <>
      <span className="visually-hidden" role="status">
        {unread > 0 && words.unread(unread)}
      </span>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        pos="relative"
        aria-label={unread > 0 ? labelled(words.notifications, words.unread(unread)) : words.notifications}
        onClick={() => setIsOpen(true)}
      >
        <IconBell size={20} aria-hidden />
        {unread > 0 && (
          <span className="bell-badge" data-testid="unread" aria-hidden>
            {unread > 99 ? '99+' : unread}
          </span>
        )}
      </ActionIcon>
      <Drawer opened={isOpen} onClose={() => setIsOpen(false)} position="right" title={words.notifications}>
        <InboxList onLeave={() => setIsOpen(false)} />
      </Drawer>
    </>
  )
}

/** Who waits longer is told what for. */
const PATIENCE_MS = 6_000

const InboxList = ({ onLeave }: { readonly onLeave: () => void }) => {
  const words = useAppWords()
  const trouble = useTroubleWords()
  const { items, error, unread, readAll, clearAll } = useInbox()
  const isLate = useSettled(items === undefined, PATIENCE_MS)
  if (error !== null && (items === undefined || items.length === 0)) {
    return (
      <Empty isQuiet icon={IconBell} title={words.listFailed}>
        {trouble(error)}
      </Empty>
    )
  }
  if (items === undefined) return <Empty isQuiet title={isLate ? words.unanswered : words.loading} />
  if (items.length === 0) return <Empty isQuiet icon={IconBell} title={words.inboxEmpty} />
  return (
    <>
      <Group gap={6} mb="xs">
        <Button size="compact-sm" variant="light" disabled={unread === 0} onClick={readAll}>
          {words.markAllRead}
        </Button>
        <Button size="compact-sm" variant="subtle" onClick={clearAll}>
          {words.clearAll}
        </Button>
      </Group>
      <ul className="inbox-list">
        {items.map(item => (
          <InboxLine key={item.id} item={item} onLeave={onLeave} />
        ))}
      </ul>
    </>
  )
}

interface InboxLineProps {
  readonly item: InboxItem
  readonly onLeave: () => void
}

const InboxLine = ({ item, onLeave }: InboxLineProps) => {
  const words = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow()
  const { read, clear } = useInbox()
  const sentence = noticeIn(useLanguage(), item)
  const [isUnfolded, setIsUnfolded] = useState(false)
  const Icon = levelIcons[item.level]
  return (
    <li className="inbox-item" data-unread={item.read ? undefined : ''} data-level={item.level}>
      <Icon size={18} aria-hidden />
      <button
        type="button"
        className="inbox-open"
        onClick={() => {
          if (item.count > 1) {
            setIsUnfolded(!isUnfolded)
            return
          }
          read(item.id)
          const path = item.room === null ? null : pathOfRecord(item.room)
          if (path === null) return
          onLeave()
          navigate(path)
        }}
      >
        <span className="inbox-sentence">{sentence}</span>
        {item.count === 1 && item.room !== null && <NoticeAbout room={item.room} />}
        <br />
        <span className="inbox-when">
          {[item.count > 1 ? words.showParts(item.count) : nameOf(item.by), format.ago(item.at, now)]
            .filter(part => part !== '')
            .join(' · ')}
        </span>
      </button>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="sm"
        aria-label={labelled(words.clear, sentence)}
        onClick={() => clear(item.id)}
      >
        <IconX size={14} aria-hidden />
      </ActionIcon>
      {isUnfolded && (
        <ul className="inbox-list inbox-parts">
          {item.parts.map(part => (
            <InboxLine key={part.id} item={part} onLeave={onLeave} />
          ))}
        </ul>
      )}
    </li>
  )
}

const levelIcons = {
  info: IconInfoCircle,
  success: IconCircleCheck,
  warning: IconAlertTriangle,
  error: IconExclamationCircle,
} as const
