// The entries of a list as a small table, each cell a field of its own.

import { ActionIcon, Button } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { memo, type ReactNode, useCallback, useEffect, useRef, useState } from 'react'
import { joinPath, type RecordType } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useRecord } from '../../react/index.ts'
import { useNumberSigns } from '../format/read-number.ts'
import { useFormat } from '../format/use-format.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { DateField } from './date-field.tsx'
import { SaveCsv } from './save-csv.tsx'
import { csvOf } from './table-csv.ts'
import { LineField } from './line-field.tsx'
import { NumberField, numberAsTyped } from './number-field.tsx'
import { labelled } from '../words/labelled.ts'
import { usePasteLines } from './paste-lines.ts'
import { useNear } from './use-near.ts'
import './entry-table.css'

export interface EntryColumn<E> {
  readonly field: string
  readonly label: string
  readonly kind: 'line' | 'number' | 'integer' | 'money' | 'date' | 'computed'
  readonly width?: string
  /** Of what is computed, and of what is not to be changed. */
  readonly show?: (entry: E) => ReactNode
}

interface EntryTableProps<E> {
  readonly type: RecordType
  readonly id: string
  readonly list: string
  readonly label: string
  readonly entries: readonly E[]
  readonly columns: readonly EntryColumn<E>[]
  readonly addLabel: string
  readonly emptyText: string
}

/** What is used of a list here, whatever its entries hold. */
interface Handle {
  add(entry: object): string
  remove(id: string): void
}

export const EntryTable = <E extends { readonly id: string }>(props: EntryTableProps<E>) => {
  const { type, id, list, label, entries, columns, addLabel, emptyText } = props
  const words = useAppWords()
  const { record } = useRecord(type, id)
  const canWrite = useMayWrite(type, id, list)
  const table = useRef<HTMLTableElement>(null)
  const [added, setAdded] = useState<string | null>(null)
  const handle = useCallback(
    (): Handle => (record as unknown as { list(name: string): Handle }).list(list),
    [record, list],
  )
  const paste = usePasteLines({
    record: record as LiveRecord | null,
    list,
    lines: entries,
    columns,
    canWrite,
  })
  const remove = useCallback((entry: string): void => void tryTo(() => handle().remove(entry)), [handle])
  return (
    <div className="entry-table-holder">
      {entries.length === 0 ? (
        <Empty isQuiet title={emptyText} />
      ) : (
        <table
          ref={table}
          className="entry-table"
          aria-label={label}
          style={{ '--entry-columns': templateOf(columns, canWrite) }}
          onPaste={paste}
        >
          <thead>
            <tr>
              {columns.map(column => (
                <th key={column.field} scope="col" className={isNumeric(column) ? 'num' : undefined}>
                  {column.label}
                </th>
              ))}
              {canWrite && (
                <th className="entry-tools">
                  <span className="visually-hidden">{words.delete}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {entries.map((entry, index) => (
              <EntryRow
                key={entry.id}
                entry={entry}
                index={index}
                columns={columns}
                type={type}
                id={id}
                list={list}
                label={label}
                isAdded={entry.id === added}
                {...(canWrite ? { onRemove: remove } : {})}
              />
            ))}
          </tbody>
        </table>
      )}
      <div className="entry-table-foot">
        {canWrite && (
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<IconPlus size={14} />}
            onClick={() => tryTo(() => setAdded(handle().add({})))}
          >
            {addLabel}
          </Button>
        )}
        {entries.length > 0 && <SaveCsv csv={signs => csvOf(table, signs)} label={label} />}
      </div>
    </div>
  )
}

/** Whoever adds a line goes on in it. */
const beginIn = (row: HTMLTableRowElement | null): void => row?.querySelector('input')?.focus()

interface EntryRowProps<E> {
  readonly entry: E
  readonly index: number
  readonly columns: readonly EntryColumn<E>[]
  readonly type: RecordType
  readonly id: string
  readonly list: string
  readonly label: string
  readonly isAdded: boolean
  /** Where one may. */
  readonly onRemove?: (entry: string) => void
}

const EntryRowOf = <E extends { readonly id: string }>(props: EntryRowProps<E>) => {
  const { entry, index, columns, type, id, list, label, isAdded, onRemove } = props
  const words = useAppWords()
  const row = useRef<HTMLTableRowElement>(null)
  const isNear = useNear(row, index, isAdded)
  useEffect(() => {
    if (isAdded) beginIn(row.current)
  }, [isAdded])
  return (
    <tr ref={row} data-line={entry.id}>
      {columns.map(column => (
        <td key={column.field} data-label={column.label} className={isNumeric(column) ? 'num' : undefined}>
          {isNear && column.kind !== 'computed' && column.show === undefined && (
            <EntryField
              kind={column.kind}
              type={type}
              id={id}
              path={joinPath(list, entry.id, column.field)}
              label={`${column.label} ${index + 1}`}
            />
          )}
          <EntryText column={column} entry={entry} />
        </td>
      ))}
      {onRemove !== undefined && (
        <td className="entry-tools">
          {isNear && (
            <RemoveEntry
              entry={entry.id}
              label={labelled(words.delete, `${label} ${index + 1}`)}
              onRemove={onRemove}
            />
          )}
        </td>
      )}
    </tr>
  )
}

// `memo` forgets that the columns are of the entry's own kind.
const EntryRow = memo(EntryRowOf) as unknown as typeof EntryRowOf

/** As its field has it; beside the field it is there for paper. */
const EntryText = <E,>({ column, entry }: { readonly column: EntryColumn<E>; readonly entry: E }) => {
  const format = useFormat()
  const signs = useNumberSigns()
  if (column.show !== undefined) return column.show(entry)
  const value = (entry as { readonly [field: string]: unknown })[column.field]
  const text =
    typeof value === 'number'
      ? numberAsTyped(value, column.kind, signs)
      : typeof value !== 'string'
        ? ''
        : column.kind === 'date'
          ? format.date(value)
          : value
  return <span className="entry-text">{text}</span>
}

interface EntryFieldProps {
  readonly kind: Exclude<EntryColumn<never>['kind'], 'computed'>
  readonly type: RecordType
  readonly id: string
  readonly path: string
  readonly label: string
}

/** Each field looks at its own value: what is written into one of five hundred lines is nothing to the others. */
const EntryField = memo(({ kind, ...field }: EntryFieldProps) => {
  switch (kind) {
    case 'line':
      return <LineField {...field} isLabelHidden />
    case 'date':
      return <DateField {...field} isLabelHidden />
    default:
      return <NumberField {...field} isLabelHidden kind={kind} />
  }
})

interface RemoveEntryProps {
  readonly entry: string
  readonly label: string
  readonly onRemove: (entry: string) => void
}

const RemoveEntry = memo(({ entry, label, onRemove }: RemoveEntryProps) => (
  <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={() => onRemove(entry)}>
    <IconTrash size={16} />
  </ActionIcon>
))

/** Lines are drawn one by one, and only those on the screen; so their columns are no table’s. */
const templateOf = (columns: readonly EntryColumn<never>[], canWrite: boolean): string =>
  [...columns.map(({ width }) => width ?? 'minmax(0, 1fr)'), ...(canWrite ? ['40px'] : [])].join(' ')

const isNumeric = ({ kind }: { readonly kind: EntryColumn<never>['kind'] }): boolean =>
  kind === 'number' || kind === 'integer' || kind === 'money' || kind === 'computed'
