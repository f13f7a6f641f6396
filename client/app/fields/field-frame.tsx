// A field as every workspace shows it, in the one visual language of states:
//
//     saved         nothing
//     pending       a hollow dot: only in this page
//     on device     a half dot: survives closing the page
//     refused       a red triangle, and the reason beneath; what was written is in the tray of the header
//     tentative     a dashed outline: a claim or a booking that the server has not confirmed
//     conflict      an amber chip that opens into all values
//     somebody here an outline in their colour, and their name
//     locked        text on a quiet ground, and a lock that says why: this person cannot write it as the record stands

import { IconLock } from '@tabler/icons-react'
import { type ReactNode, useContext, useId } from 'react'
import type { RecordType, Value } from '../../../shared/index.ts'
import { type UsedField, useField, useRecord } from '../../react/index.ts'
import { colorOf } from '../state/face.tsx'
import { ConflictChip } from '../state/conflict-chip.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useTypeWords } from '../words/type-words.ts'
import { SaidLock } from './said-lock.ts'
import '../state/state.css'

export interface BoundField {
  readonly type: RecordType
  readonly id: string | null
  readonly path: string
  readonly label: string
  /** In a table, where a column says it already. */
  readonly isLabelHidden?: boolean
}

interface FieldFrameProps extends BoundField {
  /** How a value is written where several are compared. */
  readonly show?: (value: unknown) => string
  readonly className?: string
  readonly children: (field: UsedField<unknown>, inputId: string) => ReactNode
}

export const FieldFrame = ({
  type,
  id,
  path,
  label,
  isLabelHidden,
  show,
  className,
  children,
}: FieldFrameProps) => {
  const inputId = useId()
  const words = useAppWords()
  const field: UsedField<unknown> = useField(type, id, path)
  const { record } = useRecord(type, id)
  const others = field.people.filter(({ me, state }) => !me && state !== 'gone')
  const first = others[0]
  const { reason } = useTypeWords()
  const said = useContext(SaidLock)
  const { locked, problem } = field
  const why = locked === null ? undefined : reason(type, locked)
  const trouble = problem === null ? null : reason(type, problem)
  const names = [...new Set(others.map(({ name }) => name))].join(', ')
  const signs = (
    <>
      <StateDot save={field.save} why={trouble} />
      <ConflictChip
        place={{ type: type.name, id: id ?? '', path }}
        label={label}
        field={field}
        show={show}
        // What a field shows is what was once written to it; settled, it replaces all that its reader saw.
        onKeep={() => record?.settle(path, field.value as Value)}
        isReadOnly={field.readOnly}
      />
      {first !== undefined && (
        <span className="field-who" title={words.inField(names)}>
          {names}
        </span>
      )}
      {locked !== null && locked.sentence !== said && (
        <span className="field-lock" role="img" aria-label={why} title={why}>
          <IconLock size={13} aria-hidden />
        </span>
      )}
    </>
  )
  return (
    <div
      className={`field ${className ?? ''}`}
      data-tentative={field.tentative ? '' : undefined}
      data-locked={locked === null ? undefined : ''}
      style={first === undefined ? undefined : { '--who': colorOf(first.id) }}
    >
      <div className={isLabelHidden === true ? 'field-head field-head-bare' : 'field-head'}>
        <label htmlFor={inputId} className={isLabelHidden === true ? 'visually-hidden' : 'field-label'}>
          {label}
        </label>
        {signs}
      </div>
      <div className="field-box" title={field.tentative ? words.tentative : why}>
        {children(field, inputId)}
      </div>
      {field.tentative && <span className="visually-hidden">{words.tentative}</span>}
      {trouble !== null && (
        <div className="field-problem" role="alert">
          {trouble}
        </div>
      )}
    </div>
  )
}
