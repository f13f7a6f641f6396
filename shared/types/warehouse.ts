// Warehouse: a trebovanje is a list of goods to be taken; a zadužnica gives it, or part of it, to one worker.

import { defineRecord } from '../record/define-record.ts'
import type { Change, DerivedBy, Message, RuleContext, Signal, View } from '../record/record-type.ts'
import { localId } from '../record/room-name.ts'
import { entryAt, isEntryRemoval, verbOf } from '../record/change.ts'
import { bool, date, list, log, number, oneOf, ref, setOf, text, time } from '../record/field.ts'
import type { OpenRecord } from '../record/open-record.ts'
import { QUANTITY } from './amount.ts'
import { hoursOfWork, type OffList, offListOf, pickingOf } from './picking.ts'
import { trebovanjeWords } from './warehouse-words.ts'

const fields = {
  number: text.line({ max: 40, required: true }),
  warehouse: text.line({ max: 100 }),
  customer: text.line({ max: 200 }),
  priority: oneOf('low', 'normal', 'high', 'urgent').merge('max').default('normal'),
  due: time(),
  note: text.plain({ max: 4000 }),
  items: list(
    {
      sku: text.line({ max: 64, required: true }),
      name: text.line({ max: 200 }),
      unit: text.line({ max: 16 }),
      required: number(QUANTITY),
      place: text.line({ max: 64 }),
    },
    { order: 'manual' },
  ),
  /** A mistake is taken back by a scan of a negative quantity: what was scanned stays to be seen. */
  scans: log({
    item: text.line({ max: 64, required: true }),
    code: text.line({ max: 128 }),
    quantity: number({ min: -QUANTITY.max, max: QUANTITY.max }),
  }),
  /** The code is what is left to call an item by that is taken off the list. */
  manual: list({
    item: text.line({ max: 64 }),
    code: text.line({ max: 128 }),
    note: text.line({ max: 400 }),
  }),
  shortages: list({
    item: text.line({ max: 64 }),
    code: text.line({ max: 128 }),
    quantity: number(QUANTITY),
    reason: oneOf('not_found', 'damaged', 'too_few', 'other').default('not_found'),
    note: text.line({ max: 400 }),
  }),
  zaduznice: list({
    worker: ref('user').merge('first'),
    /** Ids of items; none stands for all of them. */
    items: setOf(text.line({ max: 64 })),
    day: date(),
    cancelled: bool().default(false),
  }),
  cancelled: bool().default(false),
  closedAt: time(),
}

type Facts = View<typeof fields>

const derive = {
  status: (t: Facts) => pickingOf(t).status,
  progress: (t: Facts) => pickingOf(t).progress,
  picked: (t: Facts) => pickingOf(t).items,
  tasks: (t: Facts) => pickingOf(t).tasks,
  completedItems: (t: Facts) => pickingOf(t).completedItems,
  totalItems: (t: Facts) => pickingOf(t).totalItems,
  itemsWithShortages: (t: Facts) => pickingOf(t).itemsWithShortages,
  offList: (t: Facts) => offListOf(t),
  isLate: (t: Facts, now: number) => isOpen(t) && t.due !== null && t.due < now,
}

type TrebovanjeView = View<typeof fields, DerivedBy<typeof derive>>

export const Trebovanje = defineRecord('trebovanje', {
  words: trebovanjeWords,
  fields,
  derive,
  title: (t, say) => (t.customer === null ? `${t.number}` : say('{} for {}', `${t.number}`, t.customer)),
  row: t => ({
    number: t.number,
    warehouse: t.warehouse,
    customer: t.customer,
    priority: t.priority,
    urgency: ['low', 'normal', 'high', 'urgent'].indexOf(t.priority),
    due: t.due,
    changesAt: isOpen(t) ? t.due : null,
    status: t.status,
    progress: t.progress,
    completedItems: t.completedItems,
    totalItems: t.totalItems,
    itemsWithShortages: t.itemsWithShortages,
    tasks: t.tasks,
    workers: [...new Set(t.tasks.filter(isHeld).map(task => task.worker))],
    hours: hoursOfWork(t.scans),
    scans: t.scans.length,
    lastScanAt: t.scans.at(-1)?.at ?? null,
    closedAt: t.closedAt,
  }),
  list: {
    orders: ['number', 'due', 'urgency', 'status', 'progress', 'closedAt', 'created', 'updated'],
    equal: ['status', 'warehouse', 'customer', 'priority'],
    search: ['number', 'customer', 'warehouse'],
  },
  access: {
    read: { $role: ['magacioner', 'shift_lead', 'manager', 'wall'] },
    create: ['shift_lead', 'manager'],
    remove: ['shift_lead'],
    write: {
      '*': ({ me, t }) =>
        (!t.cancelled && t.closedAt === null) ||
        me.is('shift_lead') ||
        'it is closed: ask the shift lead to open it again',
      number: ['shift_lead', 'manager'],
      warehouse: ['shift_lead', 'manager'],
      customer: ['shift_lead', 'manager'],
      priority: ['shift_lead', 'manager'],
      due: ['shift_lead', 'manager'],
      note: ['magacioner', 'shift_lead', 'manager'],
      items: ['shift_lead', 'manager'],
      scans: ['magacioner', 'shift_lead'],
      manual: ['magacioner', 'shift_lead'],
      shortages: ['magacioner', 'shift_lead'],
      zaduznice: ({ me, t, path, value }) =>
        me.is('shift_lead', 'manager') ||
        (me.is('magacioner') && !isEntryRemoval(path, value) && isOwnTask(me.id, t.zaduznice, path)) ||
        'only the shift lead gives work to others',
      'zaduznice.worker': ({ me, value }) =>
        me.is('shift_lead', 'manager') ||
        value === me.id ||
        value === null ||
        'take it for yourself, or ask the shift lead',
      cancelled: ['shift_lead'],
      closedAt: ({ me, t }) =>
        me.is('shift_lead') ||
        (me.is('magacioner') && t.closedAt === null) ||
        'only the shift lead opens it again',
    },
    takeOver: { 'zaduznice.worker': ['shift_lead', 'manager'] },
  },
  events: change => warehouseSignals(change),
  // The systems that listen here read flat messages, named by what happened.
  messages: ({ action, data }) => [{ type: action, ...data }],
  notify: change => {
    const { before, after } = change
    const newlyHeld = after.zaduznice.filter(
      now => now.worker !== null && !now.cancelled && holderOf(before, now.id) !== now.worker,
    )
    const lost = before.zaduznice.flatMap(({ id, worker, cancelled }) =>
      worker !== null && !cancelled && holderOf(after, id) !== worker ? [worker] : [],
    )
    return [
      ...newlyHeld.map(({ worker }) => ({
        level: 'info' as const,
        kind: 'assigned',
        several: 'documents are yours to pick',
        params: { title: after.number },
        sentence: `${after.number} is yours to pick`,
        to: worker === null ? [] : [worker],
      })),
      ...(lost.length === 0
        ? []
        : [
            {
              level: 'warning' as const,
              kind: 'task_taken_away',
              several: 'documents are no longer yours',
              params: { title: after.number },
              sentence: `${after.number} is no longer yours; what you scanned stays`,
              to: lost,
            },
          ]),
      ...change.added('shortages').map(id => {
        const shortage = after.shortages.find(({ id: key }) => key === id)
        const item = nameOfItem(change, shortage?.item ?? '', shortage?.code ?? '')
        return {
          level: 'warning' as const,
          kind: 'shortage',
          several: 'shortages',
          params: { title: after.number, item },
          sentence: `${after.number}: ${item === '' ? 'an item' : item} is short`,
          roles: ['shift_lead', 'manager'],
        }
      }),
      ...newlyOffList(change).map(({ item, code, by, quantity }) => {
        const name = nameOfItem(change, item, code)
        return {
          level: 'warning' as const,
          kind: 'picked_off_list',
          several: 'picked items off the list',
          params: { title: after.number, item: name, quantity },
          sentence: `${after.number}: ${name} is off the list, and ${quantity} were picked: to be put back`,
          to: [by],
          roles: ['shift_lead', 'manager'],
        }
      }),
      ...(before.status !== 'done' && after.status === 'done'
        ? [
            {
              level: 'success' as const,
              kind: 'document_complete',
              several: 'documents complete',
              params: { title: after.number, completed: after.completedItems, total: after.totalItems },
              sentence: `${after.number} is complete: ${after.completedItems} of ${after.totalItems} items`,
              roles: ['shift_lead', 'manager'],
            },
          ]
        : []),
      ...(!before.cancelled && after.cancelled
        ? [
            {
              level: 'warning' as const,
              kind: 'cancelled',
              several: 'documents cancelled',
              params: { title: after.number },
              sentence: `${after.number} was cancelled: stop picking it`,
              to: after.zaduznice.flatMap(({ worker }) => (worker === null ? [] : [worker])),
            },
          ]
        : []),
    ]
  },
})

/** What is picked of items that the list does not have, since one of the two is new: nobody sees it in a row. */
const newlyOffList = (change: Change<TrebovanjeView>): readonly OffList[] => {
  const { before, after } = change
  const fresh = new Set(change.added('scans'))
  const news = new Set([
    ...before.items.map(({ id }) => id),
    ...after.scans.filter(({ id, quantity }) => fresh.has(id) && (quantity ?? 1) > 0).map(({ item }) => item),
  ])
  return after.offList.filter(({ item }) => news.has(item))
}

const nameOfItem = ({ before, after }: Change<TrebovanjeView>, id: string, code: string): string => {
  const item = [...after.items, ...before.items].find(item => item.id === id)
  return item?.name ?? item?.sku ?? code
}

/** The zadužnica of a whole trebovanje has one id, so that two people who assign it at once meet in one field. */
const WHOLE = 'all'

/** Gives a trebovanje, or some items of it, to a worker; with the id of a zadužnica, reassigns that one. */
export const assign = (
  trebovanje: OpenRecord<typeof Trebovanje>,
  worker: string,
  part: { readonly zaduznica?: string; readonly items?: readonly string[]; readonly day?: string } = {},
): string => {
  const zaduznice = trebovanje.list('zaduznice')
  const id = part.zaduznica ?? (part.items === undefined ? WHOLE : undefined)
  const entry = { worker, ...(part.items && { items: part.items }), ...(part.day && { day: part.day }) }
  if (id === undefined) return zaduznice.add(entry)
  if (zaduznice.get(id) === null) trebovanje.restore(`zaduznice/${id}`)
  if (zaduznice.get(id) === null) return zaduznice.add(entry, { id })
  zaduznice.set(id, { ...entry, cancelled: false })
  return id
}

/** What a wall board that asks for `?event=tv_delta` is sent. */
export const tvDelta = (message: Message): Message => ({ event: 'tv_delta', data: message })

const warehouseSignals = (change: Change<TrebovanjeView>): Signal[] => {
  const { before, after } = change
  const trebovanje_id = localId('trebovanje', after.id)
  const signal = (action: string, data: Signal['data'] = {}): Signal => ({
    type: 'trebovanje',
    action,
    data: { trebovanje_id, ...data },
  })
  const signals: Signal[] = []
  for (const id of change.added('scans')) {
    const scan = after.scans.find(entry => entry.id === id)
    if (scan === undefined) continue
    signals.push(
      signal('scan', { scan_id: id, item_id: scan.item, quantity: scan.quantity ?? 1, worker: scan.by }),
    )
  }
  for (const id of change.added('manual')) {
    const completion = after.manual.find(entry => entry.id === id)
    signals.push(signal('manual', { item_id: completion?.item ?? null, worker: completion?.by ?? change.by }))
  }
  signals.push(...taskSignals(before, after, signal))
  if (!before.cancelled && after.cancelled) signals.push(signal('cancel', { zaduznica_id: null }))
  if (before.status !== 'done' && after.status === 'done') {
    signals.push(
      signal('document_complete', {
        status: 'done',
        completed_items: after.completedItems,
        total_items: after.totalItems,
        items_with_shortages: after.itemsWithShortages,
      }),
    )
  }
  if (change.created || before.status !== after.status || before.progress !== after.progress) {
    signals.push(signal('trebovanje_status_update', { status: after.status, progress: after.progress }))
  }
  const verb = verbOf(change)
  return signals.length === 0 || verb !== 'update' ? [signal(verb), ...signals] : signals
}

const taskSignals = (
  before: TrebovanjeView,
  after: TrebovanjeView,
  signal: (action: string, data: Signal['data']) => Signal,
): Signal[] => {
  const ids = new Set([...before.zaduznice, ...after.zaduznice].map(({ id }) => id))
  return [...ids].flatMap(zaduznica_id => {
    const from = holderOf(before, zaduznica_id)
    const to = holderOf(after, zaduznica_id)
    if (from === to) return []
    if (from === null) return [signal('assign', { zaduznica_id, worker: to })]
    if (to === null) return [signal('cancel', { zaduznica_id, worker: from })]
    return [signal('reassign', { zaduznica_id, worker: to, from })]
  })
}

const holderOf = (t: TrebovanjeView, zaduznica: string): string | null => {
  const task = t.zaduznice.find(({ id }) => id === zaduznica)
  return task === undefined || task.cancelled ? null : task.worker
}

const isHeld = (task: { readonly state: string; readonly worker: string | null }): boolean =>
  task.state !== 'cancelled' && task.worker !== null

const isOpen = (t: Facts): boolean => t.closedAt === null && !t.cancelled

const isOwnTask = (
  user: string,
  zaduznice: Facts['zaduznice'],
  path: RuleContext<Facts>['path'],
): boolean => {
  const task = entryAt(zaduznice, path)
  return task === null || task.worker === null || task.worker === user
}
