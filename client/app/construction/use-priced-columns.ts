import { useMemo } from 'react'
import { useFormat } from '../format/use-format.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { useConstructionWords } from './construction-words.ts'
import type { GridColumn } from './grid-column.ts'

/** What a priced line is made of; `amounts` is by the id of the line. */
export const usePricedColumns = (
  amounts: Readonly<Record<string, number>> | undefined,
  currency: string,
): readonly GridColumn[] => {
  const words = useConstructionWords()
  const format = useFormat()
  const mayPrice = useHasRole('office')
  return useMemo(
    () => [
      { key: 'number', label: words.number, kind: 'text', width: '4rem' },
      { key: 'designation', label: words.designation, kind: 'text', width: 'minmax(9.375rem, 1fr)' },
      { key: 'unit', label: words.unit, kind: 'text', width: '4rem' },
      { key: 'quantity', label: words.quantity, kind: 'number', width: '6.25rem' },
      { key: 'unitPrice', label: words.unitPrice, kind: 'money', width: '7.875rem', isReadOnly: !mayPrice },
      {
        key: 'amount',
        label: words.amount,
        kind: 'computed',
        width: '7.875rem',
        computed: line => format.money(amounts?.[line] ?? 0, currency),
      },
    ],
    [words, format, currency, amounts, mayPrice],
  )
}
