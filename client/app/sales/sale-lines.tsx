import { useMemo } from 'react'
import { type EntryOf, type Estimate, lineAmount, type Order } from '../../../shared/index.ts'
import { type EntryColumn, EntryTable } from '../fields/entry-table.tsx'
import { useFormat } from '../format/use-format.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useSalesWords } from './sales-words.ts'

type SaleType = typeof Estimate | typeof Order
type Line = EntryOf<(typeof Estimate)['fields']['lines']['entry']>

interface SaleLinesProps {
  readonly type: SaleType
  readonly id: string
  readonly lines: readonly Line[]
  readonly total: number
}

export const SaleLines = ({ type, id, lines, total }: SaleLinesProps) => {
  const words = useSalesWords()
  const format = useFormat()
  const columns = useMemo(
    (): readonly EntryColumn<Line>[] => [
      { field: 'name', label: words.name, kind: 'line' },
      { field: 'quantity', label: words.quantity, kind: 'number', width: '6.875rem' },
      { field: 'price', label: words.price, kind: 'money', width: '8.75rem' },
      {
        field: 'amount',
        label: words.amount,
        kind: 'computed',
        width: '7.5rem',
        show: line => (
          <JustChanged of={lineAmount(line.quantity, line.price)} className="nowrap">
            {format.money(lineAmount(line.quantity, line.price))}
          </JustChanged>
        ),
      },
    ],
    [words, format],
  )
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.lines}</h2>
      <EntryTable
        type={type}
        id={id}
        list="lines"
        label={words.lines}
        entries={lines}
        addLabel={words.addLine}
        emptyText={words.linesEmpty}
        columns={columns}
      />
      <div className="sale-total">
        <span>{words.total}</span>
        <JustChanged of={total} className="num">
          {format.money(total)}
        </JustChanged>
      </div>
    </section>
  )
}
