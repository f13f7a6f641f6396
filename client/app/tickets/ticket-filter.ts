// Which tickets are listed, as a person chose it and as the server is asked.

import type { Filter } from '../../../shared/index.ts'

export interface TicketFilter {
  readonly view: 'open' | 'mine' | 'unassigned' | 'urgent' | 'late' | 'done' | 'all'
  readonly text: string
  readonly type: string
  readonly technician: string
  readonly site: string
}

export const everything: TicketFilter = { view: 'open', text: '', type: '', technician: '', site: '' }

export const openStatuses = ['open', 'in_progress', 'waiting'] as const

export const whereOf = (filter: TicketFilter, me: string, lateAsOf: number): Filter => {
  const conditions: { [field: string]: Filter[string] } = {}
  const isOpen = { in: openStatuses }
  if (filter.view === 'done') conditions['status'] = { in: ['done', 'closed'] }
  else if (filter.view !== 'all') conditions['status'] = isOpen
  if (filter.view === 'unassigned') {
    conditions['assignedTo'] = null
    conditions['claimedBy'] = null
  }
  if (filter.view === 'urgent') conditions['priority'] = 'urgent'
  if (filter.view === 'late') conditions['due'] = { lt: lateAsOf }
  if (filter.type !== '') conditions['type'] = filter.type
  if (filter.site !== '') conditions['site'] = filter.site
  if (filter.text.trim() !== '') conditions['$text'] = filter.text.trim()
  const technician = filter.view === 'mine' ? me : filter.technician
  if (technician !== '') conditions['$any'] = [{ assignedTo: technician }, { claimedBy: technician }]
  return conditions
}
