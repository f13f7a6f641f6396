// What people can be told of, type by type: for a page on which they choose.

import type { Level } from '../record/record-type.ts'

export interface NoticeKind {
  readonly kind: string
  readonly level: Level
  readonly words: string
  readonly critical?: true
}

/** Of every type: what the server itself tells. */
export const commonNoticeKinds: readonly NoticeKind[] = [
  { kind: 'edit_lost', level: 'warning', words: 'What I changed lost against another change' },
  { kind: 'claim_lost', level: 'warning', words: 'Somebody else had it first' },
  { kind: 'edit_refused', level: 'error', words: 'What I changed was refused' },
  { kind: 'action_refused', level: 'error', words: 'What I asked for was refused' },
  { kind: 'went_on', level: 'warning', words: 'Something deleted was still worked on' },
  { kind: 'watching', level: 'info', words: 'Something I watch has changed' },
]

export const noticeKinds: { readonly [type: string]: readonly NoticeKind[] } = {
  ticket: [
    { kind: 'ticket_created', level: 'info', words: 'A new ticket' },
    { kind: 'assigned', level: 'info', words: 'A ticket is assigned to me' },
    { kind: 'mention', level: 'info', words: 'I am mentioned' },
    { kind: 'comment_added', level: 'info', words: 'A new comment' },
    { kind: 'time_logged', level: 'info', words: 'A time entry' },
    { kind: 'ticket_claimed', level: 'success', words: 'A ticket is claimed' },
    { kind: 'status_changed', level: 'warning', words: 'A status changes' },
    { kind: 'ticket_deleted', level: 'warning', words: 'A ticket is deleted' },
    { kind: 'ticket_restored', level: 'info', words: 'A deleted ticket is restored' },
    { kind: 'urgent', level: 'error', words: 'A ticket becomes urgent', critical: true },
  ],
  site: [{ kind: 'site_added', level: 'success', words: 'A new site' }],
  shipment: [{ kind: 'shipment_arrived', level: 'info', words: 'Parts for my ticket have arrived' }],
  inventory: [
    { kind: 'stock_low', level: 'warning', words: 'A part runs low' },
    { kind: 'stock_below_zero', level: 'error', words: 'More was taken than there was', critical: true },
  ],
  trebovanje: [
    { kind: 'assigned', level: 'info', words: 'A document is mine to pick' },
    { kind: 'task_taken_away', level: 'warning', words: 'A document is no longer mine' },
    { kind: 'shortage', level: 'warning', words: 'An item is short' },
    { kind: 'picked_off_list', level: 'warning', words: 'Something picked is off the list' },
    { kind: 'document_complete', level: 'success', words: 'A document is complete' },
    { kind: 'cancelled', level: 'warning', words: 'A document I pick is cancelled' },
  ],
  project: [{ kind: 'assigned', level: 'info', words: 'I work on a project now' }],
  decompt: [{ kind: 'decompte_issued', level: 'info', words: 'A décompte is issued' }],
  estimate: [{ kind: 'converted', level: 'success', words: 'An estimate has become an order' }],
  availability: [
    { kind: 'booked', level: 'info', words: 'A booking on my time' },
    { kind: 'booking_cancelled', level: 'warning', words: 'A booking on my time is cancelled' },
  ],
}
