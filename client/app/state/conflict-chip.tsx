import { Button, Popover, Text } from '@mantine/core'
import { IconGitMerge } from '@tabler/icons-react'
import { useState } from 'react'
import type { UsedField } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNameOf } from '../session/directory.tsx'
import { useMyId } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { useLateValues, type ValuePlace } from './use-late-values.ts'
import { labelled } from '../words/labelled.ts'
import './state.css'

interface ConflictChipProps {
  readonly place: ValuePlace
  readonly label: string
  readonly field: UsedField<unknown>
  readonly show?: ((value: unknown) => string) | undefined
  /** Settles for the value that is shown. */
  readonly onKeep: () => void
  readonly isReadOnly: boolean
}

/** Several people wrote one field without seeing each other: each value, who wrote it and when, and the choice. */
export const ConflictChip = (props: ConflictChipProps) => {
  const { label, field } = props
  const words = useAppWords()
  const [isShown, setIsShown] = useState(false)
  if (field.conflict.length === 0) return null
  const count = field.conflict.length + 1
  return (
    <Popover opened={isShown} onChange={setIsShown} withArrow shadow="md" width={320} trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className="conflict-chip"
          aria-label={words.conflictLabel(count, label)}
          onClick={() => setIsShown(!isShown)}
        >
          <IconGitMerge size={13} aria-hidden />
          {words.conflictCount(count)}
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <Text size="sm" fw={600}>
          {field.open ? words.conflictOpen : label}
        </Text>
        <Text size="xs" c="dimmed">
          {words.conflictTitle}
        </Text>
        <ConflictValues {...props} onPicked={() => setIsShown(false)} />
      </Popover.Dropdown>
    </Popover>
  )
}

const ConflictValues = (props: ConflictChipProps & { readonly onPicked: () => void }) => {
  const { place, field, show = String, onKeep, isReadOnly, onPicked } = props
  const { value, by, at, conflict } = field
  const words = useAppWords()
  const isLate = useLateValues(place)
  const pick = (settle: () => void): (() => void) | null =>
    isReadOnly
      ? null
      : () => {
          settle()
          onPicked()
        }
  const notesOn = (written: Parameters<typeof isLate>[0]): string[] =>
    isLate(written) ? [words.conflictOffline] : []
  return (
    <ul className="conflict-values">
      <ConflictValue
        value={show(value)}
        by={by ?? ''}
        at={at}
        notes={[...notesOn({ value, by: by ?? '', at }), words.conflictShown]}
        onPick={pick(onKeep)}
      />
      {conflict.map(other => (
        <ConflictValue
          key={`${other.by} ${other.at}`}
          value={show(other.value)}
          by={other.by}
          at={other.at}
          notes={notesOn(other)}
          onPick={pick(() => other.settle())}
        />
      ))}
    </ul>
  )
}

interface ConflictValueProps {
  readonly value: string
  readonly by: string
  readonly at: number | null
  readonly notes: readonly string[]
  readonly onPick: (() => void) | null
}

const ConflictValue = ({ value, by, at, notes, onPick }: ConflictValueProps) => {
  const words = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const me = useMyId()
  const shown = value === '' ? words.noValue : value
  return (
    <li>
      <span className="conflict-value">{shown}</span>
      {onPick !== null && (
        <Button size="compact-sm" variant="light" onClick={onPick} aria-label={labelled(words.pick, shown)}>
          {words.pick}
        </Button>
      )}
      <Text size="xs" c="dimmed" style={{ gridColumn: '1 / -1' }}>
        {by === me ? words.you : nameOf(by)}
        {at !== null && `, ${format.dateTime(at)}`}
        {notes.map(note => ` · ${note}`)}
      </Text>
    </li>
  )
}
