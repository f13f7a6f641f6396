import { Estimate, Order, type RowOf } from '../../../shared/index.ts'
import { useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { RecordTable } from '../list-page/record-table.tsx'
import { Page } from '../shell/page.tsx'
import { useAppWords } from '../words/app-words.ts'
import { bareId, NewEstimate, useNumberColumn, useSaleColumns } from './sales-lists.tsx'
import { useSalesWords } from './sales-words.ts'
import './sales.css'

const LATEST = 6

export const SalesHome = () => {
  const words = useAppWords()
  const sales = useSalesWords()
  const format = useFormat()
  const estimates = useList(Estimate, {
    where: { isConverted: false },
    orderBy: ['updated', 'desc'],
    limit: LATEST,
    count: true,
    sums: ['total'],
  })
  const orders = useList(Order, { orderBy: ['updated', 'desc'], limit: LATEST, count: true, sums: ['total'] })
  const figures: readonly [string, string][] = [
    [sales.openEstimates, estimates.total === undefined ? '…' : format.number(estimates.total)],
    [`${sales.openEstimates}: ${sales.worth}`, moneyOf(estimates.sums?.['total'])],
    [sales.orders, orders.total === undefined ? '…' : format.number(orders.total)],
    [`${sales.orders}: ${sales.worth}`, moneyOf(orders.sums?.['total'])],
  ]
  function moneyOf(sum: number | undefined): string {
    return sum === undefined ? '…' : format.money(sum)
  }
  return (
    <Page title={words.sales} aside={<NewEstimate />}>
      <dl className="sales-figures">
        {figures.map(([label, value]) => (
          <div key={label} className="card card-body">
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <h2 className="card-title">{sales.latestEstimates}</h2>
      <RecordTable
        list={estimates}
        label={sales.latestEstimates}
        main={useNumberColumn<RowOf<typeof Estimate>>()}
        columns={useSaleColumns<RowOf<typeof Estimate>>()}
        to={row => `/sales/estimates/${bareId(row.id)}`}
        emptyText={sales.noEstimates}
      />
      <h2 className="card-title">{sales.latestOrders}</h2>
      <RecordTable
        list={orders}
        label={sales.latestOrders}
        main={useNumberColumn<RowOf<typeof Order>>()}
        columns={useSaleColumns<RowOf<typeof Order>>()}
        to={row => `/sales/orders/${bareId(row.id)}`}
        emptyText={sales.noOrders}
      />
    </Page>
  )
}
