import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Estimate } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { type Order, RecordTable } from '../list-page/record-table.tsx'
import { UpdatedCell } from '../list-page/updated-cell.tsx'
import { Page } from '../shell/page.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useCreateRecord } from '../list-page/create-record.ts'
import { SearchBox } from '../list-page/search-box.tsx'
import { useAppWords } from '../words/app-words.ts'
import { DocumentNumber } from './provisional.tsx'
import { useSalesWords } from './sales-words.ts'

export const EstimateList = () => {
  const words = useAppWords()
  const salesWords = useSalesWords()
  const format = useFormat()
  const create = useCreateRecord()
  const [text, setText] = useState('')
  const [isConverted, setIsConverted] = useState(false)
  const [order, setOrder] = useState<Order>({ field: 'created', direction: 'desc' })
  const list = useList(Estimate, {
    where: { isConverted, ...(text.trim() === '' ? {} : { $text: text.trim() }) },
    orderBy: [order.field, order.direction],
    limit: 50,
    count: true,
  })
  return (
    <Page
      title={words.estimates}
      isWide
      aside={
        <Button leftSection={<IconPlus size={16} />} onClick={() => create(Estimate, { customer: null })}>
          {salesWords.newEstimate}
        </Button>
      }
    >
      <div className="filters" role="search">
        <button
          type="button"
          className="filter-chip"
          aria-pressed={!isConverted}
          onClick={() => setIsConverted(false)}
        >
          {salesWords.open}
        </button>
        <button
          type="button"
          className="filter-chip"
          aria-pressed={isConverted}
          onClick={() => setIsConverted(true)}
        >
          {salesWords.converted}
        </button>
        <SearchBox label={salesWords.search} value={text} onChange={setText} />
      </div>
      <RecordTable
        list={list}
        label={words.estimates}
        main={{
          key: 'customer',
          label: salesWords.customer,
          sort: 'customer',
          cell: row => (
            <>
              <DocumentNumber number={row.number} /> {row.customer ?? '–'}
            </>
          ),
        }}
        columns={[
          { key: 'lines', label: salesWords.lines, cell: row => salesWords.lineCount(row.lines) },
          {
            key: 'total',
            label: salesWords.total,
            sort: 'total',
            isNumber: true,
            cell: row => <JustChanged of={row.total}>{format.money(row.total)}</JustChanged>,
          },
          { key: 'order', label: salesWords.order, cell: row => row.orderNumber },
          {
            key: 'created',
            label: words.created,
            sort: 'created',
            from: 'tablet',
            cell: row => row.created !== null && format.dateTime(row.created),
          },
          {
            key: 'updated',
            label: words.updated,
            sort: 'updated',
            from: 'tablet',
            cell: row => <UpdatedCell row={row} />,
          },
        ]}
        to={row => `/sales/estimates/${encodeURIComponent(row.id.replace(/^estimate:/, ''))}`}
        order={order}
        onOrder={setOrder}
        isFiltered={text !== ''}
        onClearFilter={() => setText('')}
      />
    </Page>
  )
}
