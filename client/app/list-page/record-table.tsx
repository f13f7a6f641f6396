// A live list as a table; on a phone each row is a card of the same cells.

import { Button, Skeleton } from '@mantine/core'
import { IconCloudOff, IconHourglass, IconInbox, IconLock } from '@tabler/icons-react'
import { type ReactNode, useRef } from 'react'
import type { RecordType, RowOf } from '../../../shared/index.ts'
import type { UsedList } from '../../react/index.ts'
import { SaveCsv } from '../fields/save-csv.tsx'
import { csvOf } from '../fields/table-csv.ts'
import { useFormat } from '../format/use-format.ts'
import { Link } from '../route/link.tsx'
import { Empty } from '../state/empty.tsx'
import { People } from '../state/people.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { reasonNow } from '../words/type-words.ts'
import { MoreRows } from './more-rows.tsx'
import './list.css'

export interface Column<Row> {
  readonly key: string
  readonly label: string
  readonly cell: (row: Row) => ReactNode
  /** The row field by which a click on the head orders. */
  readonly sort?: string
  readonly isNumber?: boolean
  /** The first click on its head orders from A on; of what is no text the newest and the most come first. */
  readonly isText?: boolean
  /** Left out where the table has no room for it: on a phone, on a tablet as well, or but on a large screen. */
  readonly from?: 'tablet' | 'desktop' | 'wide'
  /** In a file for a spreadsheet, of a cell that shows several things: what each of them is called. */
  readonly parts?: readonly string[]
}

export interface MainColumn<Row> extends Column<Row> {
  /** In small letters beneath. */
  readonly sub?: (row: Row) => ReactNode
}

export interface Order {
  readonly field: string
  readonly direction: 'asc' | 'desc'
}

interface RecordTableProps<T extends RecordType> {
  readonly list: UsedList<T>
  readonly label: string
  /** The first column, which is the link to the record. */
  readonly main: MainColumn<RowOf<T>>
  readonly columns: readonly Column<RowOf<T>>[]
  readonly to: (row: RowOf<T>) => string
  readonly order?: Order
  readonly onOrder?: (order: Order) => void
  readonly isFiltered?: boolean
  readonly onClearFilter?: () => void
  readonly emptyAction?: ReactNode
  readonly emptyText?: string
}

export const RecordTable = <T extends RecordType>(props: RecordTableProps<T>) => {
  const { list, label, main, columns, to, order, onOrder } = props
  const words = useAppWords()
  const format = useFormat()
  const table = useRef<HTMLTableElement>(null)
  const { rows } = list
  if (rows === undefined || (rows.length === 0 && list.state !== 'loading')) return <NoRows {...props} />
  return (
    <>
      <div className="card table-card">
        <table ref={table} className="record-table" aria-label={label}>
          <thead>
            <tr>
              {[main, ...columns].map(column => (
                <Head key={column.key} column={column} order={order} onOrder={onOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(row => (
              <tr key={row.id} data-room={row.id}>
                <th scope="row" className="main-cell">
                  <Link to={to(row)} className="row-link">
                    {main.cell(row)}
                    {main.sub !== undefined && <span className="row-sub">{main.sub(row)}</span>}
                  </Link>
                  {list.pending.has(row.id) && <StateDot save="pending" />}
                  <People people={list.people(row.id)} size="sm" max={3} />
                </th>
                {columns.map(column => (
                  <td key={column.key} data-label={column.label} className={cellClass(column)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="table-foot">
        {list.total !== undefined && (
          <span>{words.of(format.number(rows.length), format.number(list.total))}</span>
        )}
        {list.isRebuilding && <span role="status">{words.listRebuilding}</span>}
        <MoreRows list={list} />
        {rows.length > 0 && <SaveCsv csv={signs => csvOf(table, signs)} label={label} />}
      </div>
    </>
  )
}

interface HeadProps<Row> {
  readonly column: Column<Row>
  readonly order: Order | undefined
  readonly onOrder: ((order: Order) => void) | undefined
}

const Head = <Row,>({ column, order, onOrder }: HeadProps<Row>) => {
  const { sort, label, isText } = column
  const named = { 'data-parts': column.parts?.join('\n') }
  const isOrdered = sort !== undefined && order?.field === sort
  const turned = order?.direction === 'desc' ? 'asc' : 'desc'
  if (sort === undefined || onOrder === undefined) {
    return (
      <th scope="col" className={cellClass(column)} {...named}>
        {label}
      </th>
    )
  }
  return (
    <th
      scope="col"
      className={cellClass(column)}
      {...named}
      aria-sort={isOrdered ? (order.direction === 'asc' ? 'ascending' : 'descending') : undefined}
    >
      <button
        type="button"
        className="order-button"
        onClick={() =>
          onOrder({ field: sort, direction: isOrdered ? turned : isText === true ? 'asc' : 'desc' })
        }
      >
        {label}
        <span aria-hidden>{isOrdered ? (order.direction === 'asc' ? ' ↑' : ' ↓') : ''}</span>
      </button>
    </th>
  )
}

const cellClass = <Row,>({ isNumber, from }: Column<Row>): string =>
  [isNumber === true ? 'num' : '', from === undefined ? '' : `from-${from}`].join(' ').trim()

/** Loading, refused, not on this device, nothing there, nothing that matches: each has its own words. */
const NoRows = <T extends RecordType>(props: RecordTableProps<T>) => {
  const { list, isFiltered, onClearFilter, emptyAction, emptyText } = props
  const words = useAppWords()
  if (list.state === 'error') {
    const isForbidden = list.error?.code === 'FORBIDDEN'
    return (
      <div className="card">
        <Empty role="alert" icon={IconLock} title={isForbidden ? words.forbidden : words.listFailed}>
          {list.error?.code === 'INTERNAL'
            ? words.listTriedAgain
            : !isForbidden && list.error && reasonNow(list.error)}
        </Empty>
      </div>
    )
  }
  if (list.state === 'unavailable') {
    return (
      <div className="card">
        <Empty icon={IconCloudOff} title={words.listUnavailable}>
          {words.listUnavailableHint}
        </Empty>
      </div>
    )
  }
  if (list.rows === undefined) return <TableSkeleton label={words.loading} />
  // Nobody is told that there is nothing where it is only not found yet.
  if (list.isRebuilding) {
    return (
      <div className="card">
        <Empty icon={IconHourglass} title={words.listRebuilding} />
      </div>
    )
  }
  return (
    <div className="card">
      {isFiltered === true ? (
        <Empty
          icon={IconInbox}
          title={words.listNoMatch}
          action={
            onClearFilter !== undefined && (
              <Button variant="light" size="sm" onClick={onClearFilter}>
                {words.listClearFilter}
              </Button>
            )
          }
        />
      ) : (
        <Empty icon={IconInbox} title={emptyText ?? words.listEmpty} action={emptyAction} />
      )}
    </div>
  )
}

const TableSkeleton = ({ label }: { readonly label: string }) => (
  <div className="card card-body" role="status" aria-label={label}>
    {skeletonRows.map(width => (
      <Skeleton key={width} height={16} my={16} width={`${width}%`} />
    ))}
  </div>
)

const skeletonRows = [92, 78, 85, 64, 90, 71]
