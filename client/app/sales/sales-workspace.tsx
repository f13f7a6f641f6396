import { notifications } from '@mantine/notifications'
import { lazy } from 'react'
import { useRoute } from '../route/route.ts'
import { EstimateList } from './estimate-list.tsx'
import { EstimatePage } from './estimate-page.tsx'
import { OrderList } from './order-list.tsx'
import { OrderPage } from './order-page.tsx'
import { useSalesWords } from './sales-words.ts'
import { useConversions } from './use-conversions.ts'
import './sales.css'

const SalesHome = lazy(() => import('./sales-home.tsx'))
const SalesHelp = lazy(() => import('./sales-help.tsx'))

export default function SalesWorkspace() {
  const { parts } = useRoute()
  const words = useSalesWords()
  // On every till: whoever converted it, all read the word of success.
  useConversions(({ id, number, orderNumber }) => {
    notifications.show({
      color: 'green',
      autoClose: 8_000,
      message: words.success(number ?? id, orderNumber ?? ''),
      id: `converted ${id}`,
    })
  })
  const [, page, record] = parts
  if (page === 'estimates')
    return record === undefined ? <EstimateList /> : <EstimatePage key={record} id={record} />
  if (page === 'orders') return record === undefined ? <OrderList /> : <OrderPage key={record} id={record} />
  if (page === 'help') return <SalesHelp />
  return <SalesHome />
}
