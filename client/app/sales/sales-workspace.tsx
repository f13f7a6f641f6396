import { notifications } from '@mantine/notifications'
import { lazy } from 'react'
import { useEvents } from '../../react/index.ts'
import { useRoute } from '../route/route.ts'
import { EstimateList } from './estimate-list.tsx'
import { EstimatePage } from './estimate-page.tsx'
import { OrderList } from './order-list.tsx'
import { OrderPage } from './order-page.tsx'
import { useSalesWords } from './sales-words.ts'
import './sales.css'

const SalesHome = lazy(() => import('./sales-home.tsx'))
const SalesHelp = lazy(() => import('./sales-help.tsx'))

export default function SalesWorkspace() {
  const { parts } = useRoute()
  const words = useSalesWords()
  // On every till: whoever converted it, all read the word of success.
  useEvents('estimate:convert_to_order', ({ entityId, data }) => {
    const order = orderNumberIn(data)
    notifications.show({
      color: 'green',
      message: words.success(entityId.replace(/^estimate:/, ''), order),
      id: `converted ${entityId}`,
    })
  })
  const [, page, id] = parts
  if (page === 'estimates') return id === undefined ? <EstimateList /> : <EstimatePage key={id} id={id} />
  if (page === 'orders') return id === undefined ? <OrderList /> : <OrderPage key={id} id={id} />
  if (page === 'help') return <SalesHelp />
  return <SalesHome />
}

const orderNumberIn = (data: unknown): string =>
  typeof data === 'object' && data !== null && 'order_number' in data ? String(data.order_number) : ''
