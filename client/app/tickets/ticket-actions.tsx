import { ActionIcon, Button } from '@mantine/core'
import {
  IconCheck,
  IconDoorEnter,
  IconDoorExit,
  IconEye,
  IconEyeCheck,
  IconHandGrab,
  IconLock,
  IconPlayerPlay,
  IconRotate,
} from '@tabler/icons-react'
import { joinPath, statusPatch, Ticket } from '../../../shared/index.ts'
import { useDesk, useField, useLocked, useRecord } from '../../react/index.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useNameOf } from '../session/directory.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { deskRoles, type Status } from './ticket-choices.ts'
import { useTicketWords } from './ticket-words.ts'

interface TicketProps {
  readonly id: string
}

/** What comes next for whoever looks: claim, arrive, leave, and the step of the status. */
export const TicketActions = ({ id }: TicketProps) => {
  const words = useTicketWords()
  const me = useMyId()
  const isTechnician = useHasRole('technician')
  const isDesk = useHasRole(...deskRoles)
  const { view, record } = useRecord(Ticket, id)
  const desk = useDesk()
  const claim = useField(Ticket, id, 'claimedBy')
  if (view === undefined || record === null || record.status.readOnly) return null
  const { status, onSite } = view
  const isOnSite = onSite.includes(me)
  const isOver = status === 'done' || status === 'closed'
  const next = nextOf(status, isDesk)
  const setStatus = (to: Status): void => {
    tryTo(() => record.set(statusPatch(to, desk.clock.now())))
  }
  return (
    <>
      {isTechnician && !isOver && view.claimedBy === null && (
        <Button
          size="sm"
          variant={status === 'open' ? 'filled' : 'default'}
          leftSection={<IconHandGrab size={16} />}
          onClick={() => claim.set(me)}
        >
          {words.claim}
        </Button>
      )}
      {view.claimedBy === me && !isOver && (
        <Button
          size="sm"
          variant="default"
          className={claim.tentative ? 'tentative' : ''}
          onClick={() => claim.set(null)}
        >
          {words.release}
        </Button>
      )}
      {isTechnician && !isOver && (
        <Button
          size="sm"
          variant="default"
          leftSection={isOnSite ? <IconDoorExit size={16} /> : <IconDoorEnter size={16} />}
          onClick={() => tryTo(() => record.log('checks').add({ kind: isOnSite ? 'out' : 'in' }))}
        >
          {isOnSite ? words.checkOut : words.checkIn}
        </Button>
      )}
      {next !== null && (
        <Button
          size="sm"
          variant={next.to === 'done' ? 'filled' : 'default'}
          leftSection={<next.icon size={16} />}
          onClick={() => setStatus(next.to)}
        >
          {words[next.word]}
        </Button>
      )}
      <Watch id={id} />
    </>
  )
}

/** Whoever watches is told of every change. */
const Watch = ({ id }: TicketProps) => {
  const words = useTicketWords()
  const me = useMyId()
  const { record } = useRecord(Ticket, id)
  const isWatching = useRecord(Ticket, id, ({ watchers }) => watchers.includes(me)) === true
  const isLocked = useLocked(Ticket, id, joinPath('watchers', me)) !== null
  if (record === null || isLocked) return null
  const Icon = isWatching ? IconEyeCheck : IconEye
  const toggle = (): void => {
    const watchers = record.union('watchers')
    if (isWatching) watchers.remove(me)
    else watchers.add(me)
  }
  return (
    <ActionIcon
      variant={isWatching ? 'light' : 'default'}
      size={36}
      aria-label={isWatching ? words.unwatch : words.watch}
      title={isWatching ? words.unwatch : words.watch}
      onClick={() => tryTo(toggle)}
    >
      <Icon size={18} />
    </ActionIcon>
  )
}

const nextOf = (status: Status, isDesk: boolean) => {
  switch (status) {
    case 'open':
    case 'waiting':
      return { to: 'in_progress', word: 'start', icon: IconPlayerPlay } as const
    case 'in_progress':
      return { to: 'done', word: 'finish', icon: IconCheck } as const
    case 'done':
      return isDesk ? ({ to: 'closed', word: 'close', icon: IconLock } as const) : null
    case 'closed':
      return isDesk ? ({ to: 'open', word: 'reopen', icon: IconRotate } as const) : null
  }
}

/** Somebody else was first, and one is told why. */
export const ClaimLost = ({ id }: TicketProps) => {
  const words = useTicketWords()
  const nameOf = useNameOf()
  const me = useMyId()
  const { value, conflict } = useField(Ticket, id, 'claimedBy')
  const isLost =
    typeof value === 'string' && value !== me && conflict.some(other => other.by === me && other.value === me)
  if (!isLost) return null
  return (
    <div className="claim-lost" role="status">
      {words.claimLost(nameOf(value))}
    </div>
  )
}
