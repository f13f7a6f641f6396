import { lazy, useEffect } from 'react'
import { navigate, useRoute } from '../route/route.ts'
import { PickingPage } from './picking-page.tsx'
import { PickingTaskPage } from './picking-task-page.tsx'
import { SchedulerPage } from './scheduler-page.tsx'
import { TrebovanjaPage } from './trebovanja-page.tsx'
import { TrebovanjePage } from './trebovanje-page.tsx'
import { TvPage } from './tv-page.tsx'
import './warehouse.css'

const WarehouseHelp = lazy(() => import('./warehouse-help.tsx'))

export default function WarehouseWorkspace() {
  const { parts } = useRoute()
  const [, page, id] = parts
  switch (page) {
    case 'trebovanja':
      return id === undefined ? <TrebovanjaPage /> : <TrebovanjePage key={id} id={id} />
    case 'scheduler':
      return <SchedulerPage />
    case 'picking':
      return id === undefined ? <PickingPage /> : <PickingTaskPage key={id} id={id} />
    case 'tv':
      return <TvPage />
    case 'help':
      return <WarehouseHelp />
    default:
      return <ToFirstPage />
  }
}

const ToFirstPage = () => {
  useEffect(() => navigate('/warehouse/trebovanja', { replace: true }), [])
  return null
}
