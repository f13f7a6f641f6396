import type { Ticket, ViewOf } from '../../../shared/index.ts'
import type { NewRecord } from '../list-page/new-record.tsx'
import type { Choice } from '../fields/search-select.tsx'
import type { useTicketWords } from './ticket-words.ts'

type TicketView = ViewOf<typeof Ticket>
export type Status = TicketView['status']
export type Priority = TicketView['priority']
export type Kind = TicketView['type']
type Words = ReturnType<typeof useTicketWords>

export const statuses: readonly Status[] = ['open', 'in_progress', 'waiting', 'done', 'closed']
export const priorities: readonly Priority[] = ['low', 'normal', 'high', 'urgent']
export const kinds: readonly Kind[] = ['repair', 'maintenance', 'installation', 'inspection', 'emergency']

export const statusChoices = (words: Words): Choice[] =>
  statuses.map(value => ({ value, label: words[`status_${value}`] }))
export const priorityChoices = (words: Words): Choice[] =>
  priorities.map(value => ({ value, label: words[`priority_${value}`] }))
export const kindChoices = (words: Words): Choice[] =>
  kinds.map(value => ({ value, label: words[`type_${value}`] }))

/** What a new ticket begins with. */
export const newTicket = (words: Words): NewRecord<typeof Ticket> => ({
  values: { status: 'open' },
  ask: { field: 'title', label: words.title },
})

/** What may be done at technicians’ work. */
export const technicianRoles = ['technician'] as const
export const deskRoles = ['dispatcher', 'manager'] as const
