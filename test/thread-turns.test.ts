import { afterEach, expect, it } from 'vitest'
import { compressOnce, SharedMessage } from '../server/link/shared-message.ts'
import { onThread } from '../server/thread-turns.ts'
import { RestServer } from './rest/rest-client.ts'
import { Ticket } from './room/ticket.ts'

const LARGE = 300_000
const ends: (() => void)[] = []

afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Work that lasts until it is ended. */
const begin = (log: string[], name: string, bytes = LARGE): Promise<void> =>
  onThread(bytes, () => {
    log.push(name)
    return new Promise(resolve => ends.push(resolve))
  })

const turns = async (n = 20): Promise<void> => {
  for (let i = 0; i < n; i++) await new Promise(resolve => setImmediate(resolve))
}

it('of what is large two are done at a time, in the order of asking, also where one fails; what is small waits for none', async () => {
  const log: string[] = []
  const all = ['a', 'b', 'c', 'd'].map(name => begin(log, name))
  const failing = expect(onThread(LARGE, () => Promise.reject(new Error('no memory')))).rejects.toThrow(
    'no memory',
  )
  const last = begin(log, 'e')
  await turns()
  expect(log).toEqual(['a', 'b'])
  const small = begin(log, 'small', 1_000)
  expect(log).toEqual(['a', 'b', 'small'])
  ends.shift()?.()
  await turns()
  expect(log).toEqual(['a', 'b', 'small', 'c'])
  for (let i = 0; i < 6; i++) {
    ends.shift()?.()
    await turns()
  }
  await Promise.all([...all, failing, last, small])
  expect(log).toEqual(['a', 'b', 'small', 'c', 'd', 'e'])
})

it('long answers and long messages are compressed in turn, so that some threads are left for the disk', async () => {
  const rest = await RestServer.start({ records: [Ticket] })
  try {
    const ana = await rest.as('ana', 'office')
    await ana('POST', '/api/records/ticket', { id: '1', title: 'Boiler', description: '€'.repeat(LARGE / 3) })
    const held = ['a', 'b'].map(name => begin([], name))
    const done: string[] = []
    const answer = ana('GET', '/api/records/ticket/1').then(({ status }) => done.push(`answer ${status}`))
    const message = new SharedMessage(new Uint8Array(LARGE))
    const compressed = compressOnce(message)?.then(() => done.push('message'))
    // Meanwhile there is room for a write, and for what is short.
    for (let i = 0; i < 20; i++)
      expect((await ana('POST', '/api/records/ticket', { title: 'Boiler leaks' })).status).toBe(201)
    expect(done).toEqual([])
    expect(message.compressed).toBeUndefined()
    for (const end of ends.splice(0)) end()
    await Promise.all([...held, answer, compressed])
    expect(done.toSorted()).toEqual(['answer 200', 'message'])
    expect(message.compressed?.length).toBeLessThan(LARGE / 10)
  } finally {
    for (const end of ends.splice(0)) end()
    await rest.close()
  }
})
