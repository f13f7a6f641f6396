import { useRoute } from '../route/route.ts'
import { EstimatePage, OrderPage } from './sale-pages.tsx'
import { SalesHome } from './sales-home.tsx'
import { EstimatesPage, OrdersPage } from './sales-lists.tsx'

export default function SalesWorkspace() {
  const { parts } = useRoute()
  const [, page, id] = parts
  if (page === 'estimates') return id === undefined ? <EstimatesPage /> : <EstimatePage id={id} />
  if (page === 'orders') return id === undefined ? <OrdersPage /> : <OrderPage id={id} />
  return <SalesHome />
}
