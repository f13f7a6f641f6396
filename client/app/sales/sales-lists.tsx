import { Button, TextInput } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { Estimate, type Filter, Order, type RowOf } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { type Column, type Order as Sorting, RecordTable } from '../list-page/record-table.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { useCreateRecord } from '../list-page/create-record.ts'
import { useAppWords } from '../words/app-words.ts'
import { useSalesWords } from './sales-words.ts'

export const bareId = (id: string): string => id.slice(id.indexOf(':') + 1)

export const EstimatesPage = () => {
  const words = useAppWords()
  const [text, setText] = useState('')
  const [order, setOrder] = useState<Sorting>({ field: 'updated', direction: 'desc' })
  const list = useList(Estimate, {
    where: withText({ isConverted: false }, text),
    orderBy: [order.field, order.direction],
    count: true,
  })
  const sales = useSalesWords()
  return (
    <Page title={words.estimates} aside={<NewEstimate />}>
      <Search text={text} onText={setText} />
      <RecordTable
        list={list}
        label={words.estimates}
        main={useNumberColumn<RowOf<typeof Estimate>>()}
        columns={useSaleColumns<RowOf<typeof Estimate>>()}
        to={row => `/sales/estimates/${bareId(row.id)}`}
        order={order}
        onOrder={setOrder}
        isFiltered={text !== ''}
        onClearFilter={() => setText('')}
        emptyText={sales.noEstimates}
      />
    </Page>
  )
}

export const OrdersPage = () => {
  const words = useAppWords()
  const [text, setText] = useState('')
  const [order, setOrder] = useState<Sorting>({ field: 'updated', direction: 'desc' })
  const list = useList(Order, {
    where: withText({}, text),
    orderBy: [order.field, order.direction],
    count: true,
  })
  const sales = useSalesWords()
  return (
    <Page title={words.orders}>
      <Search text={text} onText={setText} />
      <RecordTable
        list={list}
        label={words.orders}
        main={useNumberColumn<RowOf<typeof Order>>()}
        columns={useSaleColumns<RowOf<typeof Order>>()}
        to={row => `/sales/orders/${bareId(row.id)}`}
        order={order}
        onOrder={setOrder}
        isFiltered={text !== ''}
        onClearFilter={() => setText('')}
        emptyText={sales.noOrders}
      />
    </Page>
  )
}

export const NewEstimate = () => {
  const words = useSalesWords()
  const create = useCreateRecord()
  const maySell = useHasRole('clerk', 'office')
  if (!maySell) return null
  return (
    <Button leftSection={<IconPlus size={16} />} onClick={() => create(Estimate, {})}>
      {words.newEstimate}
    </Button>
  )
}

const withText = (where: Filter, text: string): Filter =>
  text.trim() === '' ? where : { ...where, $text: text }

const Search = ({ text, onText }: { readonly text: string; readonly onText: (text: string) => void }) => {
  const words = useSalesWords()
  return (
    <TextInput
      mb="md"
      maw={360}
      leftSection={<IconSearch size={16} />}
      placeholder={words.searchHint}
      aria-label={words.searchHint}
      value={text}
      onChange={event => onText(event.currentTarget.value)}
    />
  )
}

interface SaleRow {
  readonly number: string | null
  readonly customer: string | null
  readonly lines: number
  readonly total: number
  readonly updated: number | null
}

export const useNumberColumn = <R extends SaleRow>(): Column<R> => {
  const words = useSalesWords()
  return {
    key: 'number',
    label: words.number,
    sort: 'number',
    width: '140px',
    cell: row => row.number ?? words.provisional,
  }
}

export const useSaleColumns = <R extends SaleRow>(): readonly Column<R>[] => {
  const words = useSalesWords()
  const format = useFormat()
  const now = useNow(30_000)
  return [
    { key: 'customer', label: words.customer, sort: 'customer', cell: row => row.customer ?? '–' },
    {
      key: 'lines',
      label: words.lines,
      isNumber: true,
      from: 'tablet',
      cell: row => format.number(row.lines),
    },
    { key: 'total', label: words.total, sort: 'total', isNumber: true, cell: row => format.money(row.total) },
    {
      key: 'updated',
      label: words.updated,
      sort: 'updated',
      from: 'tablet',
      cell: row => (row.updated === null ? '–' : format.ago(row.updated, now)),
    },
  ]
}
