// What a person in a frame does, done for them when a case is played.

import {
  LabEstimate,
  LabOrder,
  LabTicket,
  LabTrebovanje,
  localId,
  type RecordType,
} from '../../../shared/index.ts'
import type { Desk } from '../../index.ts'
import type { Deed } from './frames.ts'
import { labTypes } from './use-frame-facts.ts'
import { useLabWords } from './lab-words.ts'

const LEFT_MS = 15 * 60_000

export const doDeed = async (desk: Desk, id: string, deed: Deed): Promise<void> => {
  switch (deed.do) {
    case 'prepare':
      await prepare(desk, id)
      break
    case 'claim':
      within(desk, LabTicket, id, ticket => ticket.set({ claimedBy: desk.me?.id ?? null }))
      break
    case 'release':
      within(desk, LabTicket, id, ticket => {
        if (ticket.view?.claimedBy != null) ticket.set({ claimedBy: null })
      })
      break
    case 'set':
      within(desk, labTypes[deed.kind], id, record => record.write(deed.field, deed.value))
      break
    case 'remove':
      within(desk, LabTicket, id, ticket => ticket.remove())
      break
    case 'restore':
      within(desk, LabTicket, id, ticket => {
        if (ticket.view?.removed === true) ticket.restore()
      })
      break
    case 'scan':
      await scan(desk, id, deed.count)
      break
    case 'convert':
      within(desk, LabEstimate, id, estimate => estimate.act('convert'))
      break
    case 'reload':
      location.reload()
      break
  }
}

const within = <T extends Parameters<Desk['open']>[0]>(
  desk: Desk,
  type: T,
  id: string,
  work: (record: ReturnType<typeof desk.open<T>>) => unknown,
): void => {
  const record = desk.open(type, id)
  try {
    work(record)
  } finally {
    record.close()
  }
}

/** One after the other, as a scanner does; the counts can be watched. */
const scan = async (desk: Desk, id: string, count: number): Promise<void> => {
  const trebovanje = desk.open(LabTrebovanje, id)
  try {
    for (let i = 0; i < count; i++) {
      const items = trebovanje.view?.picked ?? []
      const item = items.find(({ picked, required }) => picked < required) ?? items[0]
      if (item === undefined) return
      trebovanje.log('scans').add({ item: item.id, code: item.sku, quantity: 1 })
      await new Promise(done => setTimeout(done, 30))
    }
  } finally {
    trebovanje.close()
  }
}

/** The records of a run, made where the office is. */
const prepare = async (desk: Desk, id: string): Promise<void> => {
  const words = useLabWords.now()
  // They are looked at already; what is not there can be made once that is known.
  const looked = Object.values(labTypes).map(type => desk.open(type, id))
  await Promise.all(looked.map(record => record.whenReady()))
  const isThere = looked.some(record => record.state === 'ready')
  for (const record of looked) record.close()
  if (isThere) return
  tidy(desk)
  const ticket = desk.create(
    LabTicket,
    { title: words.sampleTitle, priority: 'normal', quote: 40_000 },
    { id },
  )
  const estimate = desk.create(
    LabEstimate,
    { customer: words.sampleCustomer },
    {
      id,
      entries: {
        lines: [
          { name: words.sampleGood1, quantity: 2, price: 12_990 },
          { name: words.sampleGood2, quantity: 1, price: 8_950 },
        ],
      },
    },
  )
  const trebovanje = desk.create(
    LabTrebovanje,
    { number: id, customer: words.sampleCustomer, warehouse: 'Lab' },
    {
      id,
      entries: {
        items: [
          { sku: '8600004', name: words.sampleGood3, unit: 'pc', required: 24, place: 'A-07' },
          { sku: '8600010', name: words.sampleGood4, unit: 'pc', required: 18, place: 'C-01' },
          { sku: '8600006', name: words.sampleGood5, unit: 'pc', required: 12, place: 'B-02' },
        ],
      },
    },
  )
  estimate.act('number')
  await Promise.all([ticket.whenSaved(), estimate.whenSaved(), trebovanje.whenSaved()])
  for (const record of [ticket, estimate, trebovanje]) record.close()
}

/** What earlier visitors played with and left is deleted; what is being played with is not old. */
const tidy = (desk: Desk): void => {
  const before = desk.clock.now() - LEFT_MS
  for (const type of [LabTicket, LabEstimate, LabTrebovanje, LabOrder] as readonly RecordType[]) {
    const list = desk.list(type, {
      where: { createdBy: desk.me?.id ?? '', updated: { lt: before } },
      limit: 20,
    })
    const stop = list.subscribe(() => {
      if (list.state !== 'live' || list.rows === undefined) return
      stop()
      const ids = list.rows.map(row => String(row['id']))
      list.close()
      for (const id of ids) void remove(desk, type, id)
    })
  }
}

const remove = async (desk: Desk, type: RecordType, id: string): Promise<void> => {
  const record = desk.open(type, localId(type.name, id))
  try {
    await record.whenReady()
    if (record.state === 'ready') record.remove()
    await record.whenSaved()
  } catch {
    // It stays, then.
  } finally {
    record.close()
  }
}
