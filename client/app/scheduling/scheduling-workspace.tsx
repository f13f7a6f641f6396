import { lazy, useEffect } from 'react'
import { navigate, useRoute } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { AvailabilityPage } from './availability-page.tsx'
import { OperatorPage } from './operator-page.tsx'
import './scheduling.css'

const SchedulingHelp = lazy(() => import('./scheduling-help.tsx'))

export default function SchedulingWorkspace() {
  const { parts } = useRoute()
  const [, page, id] = parts
  switch (page) {
    case 'operator':
      return <OperatorPage />
    case 'availability':
      return <AvailabilityPage asked={id ?? null} />
    case 'help':
      return <SchedulingHelp />
    default:
      return <ToFirstPage />
  }
}

const ToFirstPage = () => {
  const isOperator = useHasRole('operator')
  useEffect(
    () => navigate(isOperator ? '/scheduling/operator' : '/scheduling/availability', { replace: true }),
    [isOperator],
  )
  return null
}
