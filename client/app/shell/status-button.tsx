import { Button, Group, Popover } from '@mantine/core'
import {
  IconAlertTriangle,
  IconBolt,
  IconCloudOff,
  IconHourglass,
  IconLoader2,
  IconRefresh,
} from '@tabler/icons-react'
import { useState } from 'react'
import type { DeskStatus } from '../../index.ts'
import { useDesk, useSync } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { StateDot } from '../state/state-dot.tsx'
import { useHeldUp, useUnsavedSentence } from '../state/use-held-up.ts'
import { useStorageSentence } from '../state/use-storage-sentence.ts'
import { useAppWords } from '../words/app-words.ts'
import { useTroubleWords } from '../words/type-words.ts'

/** Live, Polling or Off line, or not saved for too long; how much is unsent; how old it is what one sees. */
export const StatusButton = () => {
  const words = useAppWords()
  const status = useSync()
  const [isOpen, setIsOpen] = useState(false)
  const heldUp = useHeldUp()
  const look = lookOf(status, heldUp)
  const label = words[look.word]
  const { pending, onDevice, files } = status
  const filesUnsent = files.queued + files.sending
  const unsent = pending + filesUnsent
  const isKept = onDevice >= pending && files.onDevice >= filesUnsent
  return (
    <Popover
      opened={isOpen}
      onChange={setIsOpen}
      position="bottom-end"
      withArrow
      shadow="md"
      width={320}
      trapFocus
    >
      <Popover.Target>
        <button
          type="button"
          className="status-button"
          data-testid="status"
          data-carrier={status.carrier ?? 'none'}
          aria-label={unsent > 0 ? `${label}, ${unsent} ${words.unsentShort}` : label}
          onClick={() => setIsOpen(!isOpen)}
        >
          <look.icon size={16} aria-hidden />
          <span className="status-label">{label}</span>
          {unsent > 0 && (
            <span className="status-count">
              <StateDot save={isKept ? 'on device' : 'pending'} /> {unsent}{' '}
              <span className="long">{words.unsentShort}</span>
            </span>
          )}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <StatusFacts isUnsaved={heldUp === 'unsaved'} />
      </Popover.Dropdown>
    </Popover>
  )
}

const StatusFacts = ({ isUnsaved }: { readonly isUnsaved: boolean }) => {
  const words = useAppWords()
  const format = useFormat()
  const now = useNow(5_000)
  const desk = useDesk()
  const status = useSync()
  const unsaved = useUnsavedSentence()
  const trouble = useTroubleWords()
  const { carrier, pending, onDevice, asOf, skewMs, nextAttemptAt, error, files } = status
  const filesUnsent = files.queued + files.sending
  const notKept = useStorageSentence()
  const isSkewed = skewMs !== null && Math.abs(skewMs) > 60_000
  return (
    <>
      <ul className="status-facts">
        <li>
          {isUnsaved
            ? unsaved
            : { socket: words.liveLong, polling: words.pollingLong, none: words.offlineLong }[
                carrier ?? 'none'
              ]}
        </li>
        {error !== null && <li role="alert">{trouble(error)}</li>}
        {pending > 0 && (
          <li>
            {words.unsent(pending)}
            {onDevice > 0 && `; ${words.onDeviceOf(onDevice)}`}
          </li>
        )}
        {filesUnsent > 0 && <li>{words.filesUnsent(filesUnsent)}</li>}
        {files.failed > 0 && <li>{words.filesFailed(files.failed)}</li>}
        {carrier !== 'socket' && <li>{asOf === null ? words.never : words.asOf(format.dateTime(asOf))}</li>}
        {carrier === null && nextAttemptAt !== null && nextAttemptAt > now && (
          <li>{words.nextTry(format.ago(nextAttemptAt, now))}</li>
        )}
        {isSkewed && <li>{words.clockOff(format.span(Math.abs(skewMs)))}</li>}
        {notKept !== null && <li>{notKept}</li>}
      </ul>
      <Group gap={6}>
        <Button
          size="compact-sm"
          variant="light"
          leftSection={<IconRefresh size={14} />}
          onClick={() => void status.run()}
        >
          {words.syncNow}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void status.push()}>
          {words.push}
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => void status.pull()}>
          {words.pull}
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => (desk.isOffline ? desk.goOnline() : desk.goOffline())}
        >
          {desk.isOffline ? words.workOnline : words.workOffline}
        </Button>
      </Group>
    </>
  )
}

const lookOf = (status: DeskStatus, heldUp: ReturnType<typeof useHeldUp>) => {
  if (status.error !== null) return { word: 'error', icon: IconAlertTriangle } as const
  if (heldUp === 'unsaved') return { word: 'notSaved', icon: IconHourglass } as const
  if (status.carrier === 'socket') return { word: 'live', icon: IconBolt } as const
  if (status.carrier === 'polling') return { word: 'polling', icon: IconRefresh } as const
  return heldUp === 'offline'
    ? ({ word: 'offline', icon: IconCloudOff } as const)
    : ({ word: 'connecting', icon: IconLoader2 } as const)
}
