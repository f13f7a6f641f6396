// What estimates and orders have in common in a list.

import type { useFormat } from '../format/use-format.ts'
import type { Column, MainColumn } from '../list-page/record-table.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { DocumentNumber } from './provisional.tsx'
import type { useSalesWords } from './sales-words.ts'

interface SaleRow {
  readonly number: string | null
  readonly customer: string | null
  readonly lines: number
  readonly total: number
}
type Words = ReturnType<typeof useSalesWords>

export const saleMain = (words: Words): MainColumn<SaleRow> => ({
  key: 'customer',
  label: words.customer,
  sort: 'customer',
  isText: true,
  parts: [words.number, words.customer],
  cell: row => (
    <>
      <DocumentNumber number={row.number} /> {row.customer ?? words.noCustomer}
    </>
  ),
})

export const saleColumns = (
  words: Words,
  format: ReturnType<typeof useFormat>,
): readonly Column<SaleRow>[] => [
  { key: 'lines', label: words.lines, from: 'tablet', cell: row => words.lineCount(row.lines) },
  {
    key: 'total',
    label: words.total,
    sort: 'total',
    isNumber: true,
    cell: row => <JustChanged of={row.total}>{format.money(row.total)}</JustChanged>,
  },
]
