import { Order } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { ListPage } from '../list-page/list-page.tsx'
import { useAppWords } from '../words/app-words.ts'
import { saleColumns, saleMain } from './sale-columns.tsx'
import { useSalesWords } from './sales-words.ts'

export const OrderList = () => {
  const words = useAppWords()
  const salesWords = useSalesWords()
  const format = useFormat()
  return (
    <ListPage
      type={Order}
      title={words.orders}
      create={{ label: salesWords.newOrder, values: { customer: null } }}
      firstOrder={{ field: 'created', direction: 'desc' }}
      search={salesWords.search}
      main={saleMain(salesWords)}
      columns={saleColumns(salesWords, format)}
    />
  )
}
