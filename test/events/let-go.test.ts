import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { within } from '../../server/within.ts'
import { until } from '../wire/wire-server.ts'
import { EventServer } from './event-server.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

it('a stream whose reader has gone is let go before its next frame', async () => {
  const server = await new EventServer({ heartbeatMs: 600_000 }).start()
  const streams = await Promise.all(Array.from({ length: 12 }, () => server.stream('', 'ana:Ana:clerk')))
  await until(() => server.events.log.followers === 12, 'all to wait')
  for (const stream of streams.slice(1)) stream.close()
  await until(() => server.events.log.followers === 1, 'the others to be let go')
  streams[0]?.close()
  await server.close()
  expect(server.errors).toEqual([])
})

it('of a stream whose reader has gone nothing is held', async () => {
  const server = await new EventServer({ heartbeatMs: 600_000 }).start()
  const { log } = server.events
  const next = log.next.bind(log)
  const held: WeakRef<AbortSignal>[] = []
  log.next = (since, limit, person, signal) => {
    held.push(new WeakRef(signal))
    return next(since, limit, person, signal)
  }
  const streams = await Promise.all(Array.from({ length: 12 }, () => server.stream('', 'ana:Ana:clerk')))
  await until(() => log.followers === 12, 'all to wait')
  for (const stream of streams.splice(0)) stream.close()
  await until(() => log.followers === 0, 'all to be let go')
  await until(() => {
    collect()
    return held.every(signal => signal.deref() === undefined)
  }, 'all to be forgotten')
  await server.close()
})

it('work ends when its time is over, though nobody holds its signal meanwhile', async () => {
  const never = new AbortController()
  const working = within(200, [never.signal], async signal => {
    await new Promise(resolve => signal.addEventListener('abort', resolve))
    return signal.reason.name
  })
  for (let i = 0; i < 3; i++) {
    await new Promise(resolve => setImmediate(resolve))
    collect()
  }
  expect(await working).toBe('TimeoutError')
})

it('work ends for the reason of any signal, also of one that was given before', async () => {
  const [gone, given] = [new AbortController(), new AbortController()]
  given.abort('before')
  expect(await within(60_000, [gone.signal, given.signal], async ({ reason }) => reason)).toBe('before')
  const working = within(
    60_000,
    [gone.signal],
    signal => new Promise(resolve => signal.addEventListener('abort', () => resolve(signal.reason))),
  )
  gone.abort('meanwhile')
  expect(await working).toBe('meanwhile')
})
