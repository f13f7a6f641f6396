// Small unstyled parts that each application would write again. Each gives its facts to a function, and draws
// something plain where it is given none.

import type { ComponentPropsWithoutRef, ReactElement, ReactNode } from 'react'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { FieldValue } from '../../shared/record/record.ts'
import type { Person } from '../record/presence.ts'
import type { DeskStatus, SyncState } from '../status.ts'
import { useDesk } from './desk-context.tsx'
import { useField } from './use-field.ts'
import { useSync } from './use-sync.ts'

const WORDS: Readonly<Record<SyncState, string>> = {
  idle: 'Idle',
  syncing: 'Saving',
  synced: 'Synced',
  error: 'Error',
  offline: 'Off line',
  realtime: 'Live',
}

export interface SyncBadgeProps extends Omit<ComponentPropsWithoutRef<'span'>, 'children'> {
  readonly children?: (status: DeskStatus) => ReactNode
}

export const SyncBadge = ({ children, ...rest }: SyncBadgeProps): ReactElement => {
  const { sync, carrier, pending, onDevice, refused, files, asOf, skewMs, storage, nextAttemptAt, error } =
    useSync()
  const status = {
    sync,
    carrier,
    pending,
    onDevice,
    refused,
    files,
    asOf,
    skewMs,
    storage,
    nextAttemptAt,
    error,
  }
  return (
    <span role="status" data-sync={sync} data-carrier={carrier ?? 'none'} title={error?.sentence} {...rest}>
      {children?.(status) ?? `${WORDS[sync]}${pending > 0 ? ` (${pending})` : ''}`}
    </span>
  )
}

export interface AvatarsProps extends ComponentPropsWithoutRef<'span'> {
  readonly people: readonly Person[]
  readonly max?: number
}

/** One for each person, however many tabs they have. */
export const Avatars = ({ people, max = 5, ...rest }: AvatarsProps): ReactElement => {
  const byId = new Map<string, Person>()
  for (const person of people) {
    const known = byId.get(person.id)
    if (known === undefined || known.state !== 'active') byId.set(person.id, person)
  }
  const all = [...byId.values()]
  return (
    <span {...rest}>
      {all.slice(0, max).map(person => (
        <span
          key={person.id}
          role="img"
          aria-label={person.name}
          title={person.name}
          data-state={person.state}
          style={{ backgroundColor: person.color, opacity: person.state === 'active' ? 1 : 0.5 }}
        >
          {initials(person.name)}
        </span>
      ))}
      {all.length > max ? <span>+{all.length - max}</span> : null}
    </span>
  )
}

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map(word => [...word][0]?.toUpperCase() ?? '')
    .join('')

export interface ConflictPickerProps {
  readonly type: RecordType
  readonly id: string
  readonly path: string
  readonly children?: (conflict: ConflictInView) => ReactNode
}

export interface ConflictInView {
  /** What the record shows now. */
  readonly shown: FieldValue
  /** What this person wrote, and what somebody else did, where they are among the values. */
  readonly mine: FieldValue | null
  readonly theirs: FieldValue | null
  readonly values: readonly FieldValue[]
  readonly pick: (value: FieldValue) => void
}

/** Nothing where there is nothing to pick. */
export const ConflictPicker = ({ type, id, path, children }: ConflictPickerProps): ReactElement | null => {
  const desk = useDesk()
  const { value: shownValue, by, at, conflict } = useField(type, id, path)
  if (conflict.length === 0) return null
  const unknownValue: unknown = shownValue
  // What stands in a field of a record is a value.
  const value = (unknownValue ?? null) as FieldValue['value']
  const settle = (): void => desk.glance(type, id).settle(path, value)
  const shown: FieldValue = { value, by: by ?? '', at: at ?? 0, settle }
  const values = [shown, ...conflict]
  const me = desk.me?.id
  const inView: ConflictInView = {
    shown,
    values,
    mine: values.find(one => one.by === me) ?? null,
    theirs: values.find(one => one.by !== me) ?? null,
    pick: one => one.settle(),
  }
  if (children !== undefined) return <>{children(inView)}</>
  return (
    <fieldset data-conflict={path}>
      <legend>Which one counts?</legend>
      {values.map(one => (
        <button type="button" key={`${one.by} ${one.at}`} onClick={() => one.settle()}>
          {one.by === me ? 'Mine' : one.by}:{' '}
          {typeof one.value === 'string' ? one.value : JSON.stringify(one.value)}
        </button>
      ))}
    </fieldset>
  )
}
