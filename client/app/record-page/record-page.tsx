// What every record's page has around its fields: who is here, whether all is saved, undo, what happened, restore;
// and, while there is nothing to show, why.

import { ActionIcon, Button, Menu, Skeleton } from '@mantine/core'
import { IconCloudOff, IconDots, IconGhost, IconHistory, IconLock, IconTrash } from '@tabler/icons-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { RecordConflict, RecordType } from '../../../shared/index.ts'
import type { LiveRecord, RecordState, Trouble } from '../../index.ts'
import { useList, useLocked, usePresence, useRecord } from '../../react/index.ts'
import { SaidLock } from '../fields/said-lock.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import type { NewRecord } from '../list-page/new-record.tsx'
import { Link } from '../route/link.tsx'
import { useNameOf } from '../session/directory.tsx'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { People } from '../state/people.tsx'
import { SaveStateOf } from '../state/save-state.tsx'
import { useAppWords } from '../words/app-words.ts'
import { type EntryName, useTroubleWords, useTypeWords } from '../words/type-words.ts'
import { BeginAgain } from './begin-again.tsx'
import type { ShowValue } from './readable-changes.ts'
import { tryTo } from './say-trouble.ts'
import { UndoButtons, useTellUndo, useUndoKeys } from './undo.tsx'
import { useNumber } from './use-number.ts'
import { WhileAway } from './while-away.tsx'
import './record-page.css'

const Activity = lazy(() => import('./activity.tsx'))

interface RecordPageProps<T extends RecordType> {
  readonly type: T
  readonly id: string
  readonly title: string
  readonly back: { readonly to: string; readonly label: string }
  /** Beside the title: a chip of the state, a number. */
  readonly badge?: ReactNode
  /** What can be done with the record, as buttons. */
  readonly actions?: ReactNode
  readonly canRemove?: boolean
  /** What a new one begins with, for whoever begins it anew where one of this name was deleted for good. */
  readonly first?: NewRecord<T>
  /** What an entry of a list is called, in the activity and in an undo; else it is called by its list. */
  readonly entryName?: EntryName
  /** How its own values are said; undefined for those that are shown as their kind is. */
  readonly showValue?: ShowValue
  readonly isWide?: boolean
  readonly children: ReactNode
}

export const RecordPage = <T extends RecordType>(props: RecordPageProps<T>) => {
  const { type, id, title, back, badge, actions, canRemove, first, entryName, showValue, isWide, children } =
    props
  const words = useAppWords()
  const used = useRecord(type, id)
  const { state, status, error } = used
  // The machinery's own type: a page of any record.
  const record = used.record as LiveRecord | null
  // Once somebody begins it anew there is a row of it, and the desk follows.
  useList(type as RecordType, state === 'purged' ? { where: { id }, limit: 1 } : null)
  const isRemoved =
    useRecord(type as RecordType, id, view => (view as { readonly removed: boolean }).removed) === true
  const nameOf = useNameOf()
  const [isActivityOpen, setIsActivityOpen] = useState(false)
  const locked = useLocked(type, id, '*')
  // To take a record out and to bring it back is one right.
  const mayRestore = useLocked(type, id, '') === null
  const typeWords = useTypeWords()
  const fieldName = (path: string): string => typeWords.field(type, path, entryName)
  const wentOn = wentOnUnaware(used.conflicts).map(nameOf)
  useNumber(type, id)
  useUndoKeys(record, useTellUndo(fieldName))
  if (state !== 'ready') {
    return (
      <Page title={title === '' ? id : title} heading={<BackLink {...back} />}>
        <NotReady
          state={state}
          trouble={error}
          again={first !== undefined && <BeginAgain type={type} id={id} first={first} />}
        />
      </Page>
    )
  }
  return (
    <Page
      title={title}
      {...(isWide === undefined ? {} : { isWide })}
      heading={
        <div className="record-heading">
          <BackLink {...back} />
          <div className="record-title">
            <h1 className="page-title">{title}</h1>
            {badge}
          </div>
          <RecordMeta type={type} id={id} />
        </div>
      }
      aside={
        <>
          <PeopleHere type={type} id={id} />
          <SaveStateOf status={status} />
          <UndoButtons type={type} id={id} fieldName={fieldName} />
          {!isRemoved && actions}
          <Menu position="bottom-end" shadow="md" withInitialFocusPlaceholder={false}>
            <Menu.Target>
              <ActionIcon variant="default" size={36} aria-label={words.more}>
                <IconDots size={18} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconHistory size={16} />} onClick={() => setIsActivityOpen(true)}>
                {words.activity}
              </Menu.Item>
              {canRemove === true && mayRestore && !isRemoved && (
                <Menu.Item
                  leftSection={<IconTrash size={16} />}
                  c="var(--red-text)"
                  color="red"
                  onClick={() => tryTo(() => record?.remove())}
                >
                  {words.delete}
                </Menu.Item>
              )}
            </Menu.Dropdown>
          </Menu>
        </>
      }
    >
      {isRemoved && (
        <div className="removed-banner" role="status">
          <IconTrash size={18} aria-hidden />
          <span>
            <strong>{words.removed}</strong> {mayRestore && words.removedHint}{' '}
            {wentOn.length > 0 && words.editedWhileRemoved(wentOn.join(', '))}
          </span>
          {mayRestore && (
            <Button size="compact-sm" variant="default" onClick={() => tryTo(() => record?.restore())}>
              {words.restore}
            </Button>
          )}
        </div>
      )}
      <WhileAway type={type} room={`${type.name}:${id}`} fieldName={fieldName} showValue={showValue} />
      {status.readOnly ? (
        <p className="read-only-note">{words.readOnly}</p>
      ) : (
        locked !== null &&
        !isRemoved && (
          <p className="read-only-note" data-testid="locked">
            <IconLock size={15} aria-hidden /> {sentence(typeWords.reason(type, locked))}
          </p>
        )
      )}
      <SaidLock value={locked?.sentence ?? null}>{children}</SaidLock>
      {isActivityOpen && (
        <Suspense>
          <Activity
            type={type}
            id={id}
            fieldName={fieldName}
            showValue={showValue}
            onClose={() => setIsActivityOpen(false)}
          />
        </Suspense>
      )}
    </Page>
  )
}

/** A rule's reason follows a field's name elsewhere; here it stands alone. */
const sentence = (reason: string): string => `${reason.charAt(0).toLocaleUpperCase()}${reason.slice(1)}.`

/** The path of a record itself. */
const RECORD = ''

/** Whose edits of the record came after it was removed, which they had not heard of. */
const wentOnUnaware = (conflicts: readonly RecordConflict[]): readonly string[] => [
  ...new Set(
    conflicts.flatMap(({ kind, path, values }) =>
      kind === 'edited while removed' && path === RECORD ? values.map(({ by }) => by) : [],
    ),
  ),
]

const BackLink = ({ to, label }: { readonly to: string; readonly label: string }) => (
  <Link to={to} className="back-link">
    ← {label}
  </Link>
)

const PeopleHere = ({ type, id }: { readonly type: RecordType; readonly id: string }) => (
  <People people={usePresence(type, id).people} />
)

const RecordMeta = ({ type, id }: { readonly type: RecordType; readonly id: string }) => {
  const words = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow()
  const { updated } = useRecord(type, id)
  const created = useRecord(type, id, view => {
    const { created: at, createdBy: by } = view as {
      readonly created: number | null
      readonly createdBy: string
    }
    return at === null ? null : `${at} ${by}`
  })
  const [createdAt, createdBy] = created?.split(' ') ?? []
  return (
    <p className="record-meta">
      {updated !== null && words.updatedBy(format.ago(updated.at, now), nameOf(updated.by))}
      {updated !== null && createdAt !== undefined && ' · '}
      {createdAt !== undefined && words.createdBy(format.dateTime(Number(createdAt)), nameOf(createdBy))}
    </p>
  )
}

interface NotReadyProps {
  readonly state: RecordState
  /** Why it cannot be had. */
  readonly trouble?: Trouble | null
  /** What can be done where it was deleted for good. */
  readonly again?: ReactNode
}

export const NotReady = ({ state, trouble = null, again }: NotReadyProps) => {
  const words = useAppWords()
  const say = useTroubleWords()
  switch (state) {
    case 'loading':
    case 'ready':
      return (
        <div role="status" aria-label={words.loading}>
          <Skeleton height={28} width="40%" mb="lg" />
          <Skeleton height={200} radius="lg" mb="lg" />
          <Skeleton height={120} radius="lg" />
        </div>
      )
    case 'absent':
      return (
        <Empty icon={IconGhost} title={words.absent}>
          {words.absentHint}
        </Empty>
      )
    case 'unavailable':
      return (
        <Empty icon={IconCloudOff} title={words.unavailable}>
          {trouble === null || trouble.code === 'UNAVAILABLE' ? words.unavailableHint : say(trouble)}
        </Empty>
      )
    case 'forbidden':
      return (
        <Empty role="alert" icon={IconLock} title={words.forbidden}>
          {words.forbiddenHint}
        </Empty>
      )
    case 'purged':
      return <Empty icon={IconTrash} title={words.purged} action={again} />
    case 'error':
      return (
        <Empty role="alert" icon={IconCloudOff} title={words.failed}>
          {trouble !== null && say(trouble)}
        </Empty>
      )
  }
}
