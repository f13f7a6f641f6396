// What a spreadsheet copied, written into the lines of a record: over those that are there from a cell on, and as new
// ones behind the last. What cannot stand where it would is left out, and said.

import { notifications } from '@mantine/notifications'
import type { ClipboardEvent } from 'react'
import { RecordError, type Value } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { type NumberSigns, parseNumber, useNumberSigns } from '../format/read-number.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useAppWords } from '../words/app-words.ts'

export interface PasteColumn {
  readonly key: string
  readonly label: string
  readonly mayEdit: boolean
  /** Whoever copies whole lines copies what is computed, and misses nothing. */
  readonly isComputed: boolean
  /** Undefined for what cannot stand in the column. */
  readonly read: (text: string) => Value | undefined
}

interface Paste {
  readonly table: readonly (readonly string[])[]
  readonly from: { readonly row: number; readonly column: number }
  readonly lines: readonly { readonly id: string }[]
  readonly columns: readonly PasteColumn[]
  readonly canAdd: boolean
  readonly list: { add(entry: object): unknown; set(id: string, entry: object): unknown }
  /** As one step, that is undone as one. */
  readonly together: (write: () => void) => void
}

export const pasteLines = ({ table, from, lines, columns, canAdd, list, together }: Paste): void => {
  const leftOut: { readonly text: string; readonly label: string | undefined }[] = []
  const leaveOut = (text: string, column: PasteColumn | undefined): void => {
    if (text.trim() !== '' && column?.isComputed !== true) leftOut.push({ text, label: column?.label })
  }
  const writeRow = (cells: readonly string[], line: { readonly id: string } | undefined): void => {
    const read = new Map<string, { readonly value: Value; readonly leave: () => void }>()
    for (const [j, cell] of cells.entries()) {
      const column = columns[from.column + j]
      const isTaken = column?.mayEdit === true && (line !== undefined || canAdd)
      const value = isTaken ? column.read(cell) : undefined
      const leave = (): void => leaveOut(cell, column)
      if (column === undefined || value === undefined) leave()
      else read.set(column.key, { value, leave })
    }
    while (read.size > 0) {
      const entry = Object.fromEntries([...read].map(([key, { value }]) => [key, value]))
      const refused = refusedBy(() => (line === undefined ? list.add(entry) : list.set(line.id, entry)))
      if (refused === null) return
      const toBlame = refused.filter(key => read.has(key))
      // A line may lack what it cannot be without.
      for (const key of toBlame.length > 0 ? toBlame : [...read.keys()]) {
        read.get(key)?.leave()
        read.delete(key)
      }
    }
  }
  together(() => table.forEach((cells, i) => writeRow(cells, lines[from.row + i])))
  const [first] = leftOut
  if (first === undefined) return
  const message = useAppWords.now().pasteLeftOut(leftOut.length, shortened(first.text), first.label ?? null)
  notifications.show({ color: 'yellow', message, autoClose: 15_000 })
}

/** Enough of it to find it by, in whole characters. */
const shortened = (text: string): string => {
  const characters = [...text.trim()]
  const first = characters.slice(0, NAMED_MAX).join('')
  return characters.length <= NAMED_MAX ? first : `${first.trimEnd()}…`
}

const NAMED_MAX = 60

/** The fields that are to blame, null where none is. */
const refusedBy = (write: () => unknown): readonly string[] | null => {
  try {
    write()
    return null
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    return error.problems.map(({ path }) => path.split('/').at(-1) ?? '')
  }
}

/** Rows of cells. A cell of several lines stands in quotes, and becomes one line. */
export const readTable = (text: string): string[][] =>
  text
    .replaceAll('\r\n', '\n')
    .replace(/\n$/, '')
    .replace(SEVERAL_LINES, (_, inner: string) => inner.replaceAll('""', '"').replace(/\s*\n\s*/g, ' '))
    .split('\n')
    .map(row => row.split('\t'))

const SEVERAL_LINES = /(?<=^|[\t\n])"((?:[^"\t\n]|"")*\n(?:[^"\t]|"")*)"(?=[\t\n]|$)/g

type CellKind = 'line' | 'number' | 'integer' | 'money' | 'date'

/** Undefined for what is none of the kind. */
export const readCell = (kind: CellKind, text: string, signs: NumberSigns): Value | undefined => {
  const bare = text.trim()
  if (bare === '') return null
  if (kind === 'line') return bare
  if (kind === 'date') return /^\d{4}-\d\d-\d\d$/.test(bare) ? bare : undefined
  const value = parseNumber(withoutCurrency(bare), signs)
  if (typeof value !== 'number' || kind === 'number') return value
  return Math.round(kind === 'money' ? value * 100 : value)
}

/** A spreadsheet copies «1 250,00 €» as it shows it. */
const withoutCurrency = (text: string): string => text.replace(/[€$£]|\b(?:EUR|RSD|USD|CHF|din\.?)\b/gi, '')

interface TableOfFields {
  readonly record: LiveRecord | null
  readonly list: string
  readonly lines: readonly { readonly id: string }[]
  readonly columns: readonly {
    readonly field: string
    readonly label: string
    readonly kind: CellKind | 'computed'
  }[]
  readonly canWrite: boolean
}

/** In a table that has an input for each cell: several cells go on from there, one is the input's own. */
export const usePasteLines = (props: TableOfFields): ((event: ClipboardEvent<HTMLElement>) => void) => {
  const { record, list, lines, columns, canWrite } = props
  const signs = useNumberSigns()
  return event => {
    const table = readTable(event.clipboardData.getData('text/plain'))
    const isOneCell = table.length === 1 && table[0]?.length === 1
    if (record === null || !canWrite || isOneCell || !(event.target instanceof Element)) return
    event.preventDefault()
    const cell = event.target.closest('td')
    const id = cell?.closest('tr')?.dataset['line']
    const row = lines.findIndex(line => line.id === id)
    pasteLines({
      table,
      from: row < 0 ? { row: lines.length, column: 0 } : { row, column: cell?.cellIndex ?? 0 },
      lines,
      columns: columns.map(({ field, label, kind }) => ({
        key: field,
        label,
        mayEdit: kind !== 'computed',
        isComputed: kind === 'computed',
        read: text => (kind === 'computed' ? undefined : readCell(kind, text, signs)),
      })),
      canAdd: true,
      // The untyped face of a list: a table is for lines of any type.
      list: record.list(list as never) as unknown as Paste['list'],
      together: write => void tryTo(() => record.together(write)),
    })
  }
}
