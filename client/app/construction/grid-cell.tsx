import { memo, useEffect, useRef, useState } from 'react'
import type { RecordType, Value } from '../../../shared/index.ts'
import { useField, type UsedField } from '../../react/index.ts'
import { Meanwhile } from '../fields/line-field.tsx'
import { isFoundBy } from '../fields/is-found-by.ts'
import { useLeaving } from '../fields/use-leaving.ts'
import type { NumberSigns } from '../format/read-number.ts'
import type { Format } from '../format/use-format.ts'
import { sayUnwritten } from '../record-page/say-trouble.ts'
import { ConflictChip } from '../state/conflict-chip.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { colorOf } from '../state/face.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useTypeWords } from '../words/type-words.ts'
import { type GridColumn, isNumeric, readValue, shownValue, typedValue } from './grid-column.ts'

interface GridCellProps {
  readonly type: RecordType
  readonly id: string
  readonly path: string
  readonly name: string
  readonly column: GridColumn
  readonly line: string
  readonly lineName: string
  readonly currency: string
  readonly format: Format
  readonly signs: NumberSigns
  readonly isActive: boolean
  readonly isTabStop: boolean
  readonly isSelected: boolean
  readonly isEditing: boolean
  readonly typedFirst: string | null
  readonly mayEdit: boolean
  readonly onEnter: () => void
  readonly onSelect: () => void
  readonly onPlainDown: () => void
  readonly onEdit: () => void
  readonly onLeave: (to: WayOut) => void
}

/** Where one goes from a cell that was written in; `away` is to where the focus is already. */
export type WayOut = 'down' | 'right' | 'left' | 'stay' | 'away'

export const GridCell = (props: GridCellProps) => {
  const { column, line, name, isActive, isTabStop, isSelected, onEnter } = props
  if (column.kind === 'computed') {
    return (
      <div
        role="gridcell"
        className="grid-cell"
        data-cell={name}
        data-kind="computed"
        data-active={isActive ? '' : undefined}
        aria-selected={isActive || isSelected}
        data-selected={isSelected ? '' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        onFocus={onEnter}
      >
        <JustChanged of={column.computed?.(line)} className="grid-text">
          {column.computed?.(line)}
        </JustChanged>
      </div>
    )
  }
  return <WrittenCell {...props} />
}

const WrittenCell = (props: GridCellProps) => {
  const {
    type,
    id,
    path,
    name,
    column,
    lineName,
    currency,
    format,
    isActive,
    isTabStop,
    isSelected,
    isEditing,
    mayEdit,
  } = props
  const appWords = useAppWords()
  const { reason } = useTypeWords()
  const field: UsedField<unknown> = useField(type, id, path)
  const others = field.people.filter(({ me, state }) => !me && state !== 'gone')
  const first = others[0]
  const show = (value: unknown): string => shownValue(column, value, format, currency)
  const text = show(field.value)
  const names = [...new Set(others.map(one => one.name))].join(', ')
  const trouble = field.problem === null ? null : reason(type, field.problem)
  /** As the finger came: a cell that it comes to is the active one before its tap is heard. */
  const wasActive = useRef(false)
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid itself hears the keys of all its cells
    <div
      role="gridcell"
      className="grid-cell"
      data-cell={name}
      data-kind={column.kind}
      data-active={isActive ? '' : undefined}
      data-selected={isSelected ? '' : undefined}
      data-tentative={field.tentative ? '' : undefined}
      aria-selected={isActive || isSelected}
      aria-readonly={!mayEdit}
      tabIndex={isTabStop ? 0 : -1}
      style={first === undefined ? undefined : { '--who': colorOf(first.id) }}
      onFocus={props.onEnter}
      onPointerDown={event => {
        wasActive.current = isActive
        if (event.shiftKey) props.onSelect()
        else props.onPlainDown()
      }}
      onDoubleClick={() => mayEdit && props.onEdit()}
      onClick={event => {
        // A finger has no double click: the second tap on the same cell edits.
        if (
          wasActive.current &&
          mayEdit &&
          event.nativeEvent instanceof PointerEvent &&
          event.nativeEvent.pointerType === 'touch'
        )
          props.onEdit()
      }}
    >
      {isEditing ? (
        <CellInput {...props} field={field} />
      ) : (
        <JustChanged of={field.value} className="grid-text">
          {text}
        </JustChanged>
      )}
      {first !== undefined && (
        <span className="grid-who" title={appWords.inField(names)}>
          {names}
        </span>
      )}
      {(field.save !== 'saved' || field.conflict.length > 0) && (
        <span className="grid-signs">
          <StateDot save={field.save} why={trouble} />
          <ConflictChip
            place={{ type: type.name, id, path }}
            label={`${column.label} ${lineName}`}
            field={field}
            show={show}
            // What a field shows is what was once written to it.
            onKeep={() => field.set(field.value as Value)}
            isReadOnly={field.readOnly || !mayEdit}
          />
        </span>
      )}
      {trouble !== null && field.save !== 'refused' && (
        <span className="grid-problem" role="alert">
          {trouble}
        </span>
      )}
    </div>
  )
}

interface CellInputProps extends GridCellProps {
  readonly field: UsedField<unknown>
}

const CellInput = memo(
  ({ field, column, lineName, format, currency, signs, typedFirst, onLeave }: CellInputProps) => {
    const words = useAppWords()
    const before = useRef(field.value)
    const input = useRef<HTMLInputElement & HTMLSelectElement>(null)
    const [text, setText] = useState(() => {
      const begun = typedFirst === null ? undefined : begunWith(column, typedFirst)
      return begun ?? typedValue(column, field.value, signs)
    })
    const letters = useRef({ typed: typedFirst ?? '', at: performance.now() })
    const isDone = useRef(false)
    const value = readValue(column, text, signs)
    const isWrong = value === undefined
    useEffect(() => {
      const element = input.current
      if (element === null) return
      element.focus()
      if (typedFirst === null && element instanceof HTMLInputElement) element.select()
    }, [typedFirst])
    const write = (otherwise: string): void => {
      if (value === undefined) sayUnwritten(text, words.notANumber)
      else if (value !== (before.current ?? null) && !field.set(value)) sayUnwritten(text, otherwise)
    }
    useLeaving(
      () => {
        if (value !== undefined && value !== (before.current ?? null) && field.set(value))
          before.current = value
      },
      () => {
        if (!isDone.current) write(words.placeGone)
      },
    )
    const leave = (to: WayOut, isKept: boolean): void => {
      if (isDone.current) return
      isDone.current = true
      if (isKept) write(words.leftUnsaved)
      onLeave(to)
    }
    const shared = {
      ref: input,
      className: 'grid-input',
      'aria-label': `${column.label} ${lineName}`,
      value: text,
      // With the window, or the keyboard on the glass, the focus goes nowhere: it comes back to the cell.
      onBlur: (event: React.FocusEvent) => leave(event.relatedTarget === null ? 'stay' : 'away', true),
      onKeyDown: (event: React.KeyboardEvent) => {
        event.stopPropagation()
        if (event.key === 'Escape') leave('stay', false)
        else if (event.key === 'Enter') {
          event.preventDefault()
          if (!isWrong) leave('down', true)
        } else if (event.key === 'Tab') {
          event.preventDefault()
          if (!isWrong) leave(event.shiftKey ? 'left' : 'right', true)
        } else if (column.kind === 'choice' && event.key.length === 1 && !event.ctrlKey && !event.metaKey) {
          // The browser's own finding begins with the letter after the one that began it here.
          const { typed, at } = letters.current
          const isOneGo = event.timeStamp - at < ONE_GO_MS
          if (event.key === ' ' && !isOneGo) return
          event.preventDefault()
          letters.current = { typed: `${isOneGo ? typed : ''}${event.key}`, at: event.timeStamp }
          setText(begunWith(column, letters.current.typed) ?? text)
        }
      },
    }
    const isChangedMeanwhile = !Object.is(field.value, before.current)
    return (
      <>
        {column.kind === 'choice' ? (
          <select {...shared} onChange={event => setText(event.currentTarget.value)}>
            <option value="" />
            {column.choices?.map(choice => (
              <option key={choice.value} value={choice.value}>
                {choice.label}
              </option>
            ))}
          </select>
        ) : (
          <input
            {...shared}
            inputMode={isNumeric(column) ? 'decimal' : 'text'}
            aria-invalid={isWrong}
            title={isWrong ? words.notANumber : undefined}
            onChange={event => setText(event.currentTarget.value)}
          />
        )}
        {isChangedMeanwhile && (
          <div className="grid-meanwhile">
            <Meanwhile
              by={field.by}
              value={shownValue(column, field.value, format, currency)}
              onTake={() => leave('stay', false)}
            />
          </div>
        )}
      </>
    )
  },
)

/** Letters of a choice that come closer than this are of one. */
const ONE_GO_MS = 1_000

/** What a cell says that is begun by typing; a choice is found by how its label begins. */
const begunWith = ({ kind, choices = [] }: GridColumn, typed: string): string | undefined =>
  kind === 'choice'
    ? choices.find(({ label }) => isFoundBy(label.trim().slice(0, typed.length), typed))?.value
    : typed
