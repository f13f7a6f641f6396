import { expect, it } from 'vitest'
import type { ChannelEnd, ChannelEnds } from '../../client/link/carrier.ts'
import type { Link } from '../../client/link/link.ts'
import { Poller, type PollerParts } from '../../client/link/poller.ts'
import { TokenSource } from '../../client/link/token-source.ts'
import { type ListEars, ListLink } from '../../client/list/list-link.ts'
import { createClock } from '../../shared/index.ts'
import {
  PUSH_PULL_TYPE,
  type RecordAnswer,
  readSyncAsk,
  writeSyncAnswer,
} from '../../shared/wire/push-pull.ts'
import { fakeToken, settle } from './fake-surroundings.ts'
import { Ticket } from './records.ts'

const pollerOf = (
  fetch: (body: Uint8Array) => Response,
  parts: Partial<Pick<PollerParts, 'messageBytesMax' | 'messageRefused'>> = {},
): Poller =>
  new Poller({
    url: 'http://127.0.0.1',
    tokens: new TokenSource(() => fakeToken('ana'), { after: () => () => {} }),
    clock: createClock(),
    surroundings: {
      // What the poller has just written.
      fetch: async (_url, init) => fetch(init?.body as Uint8Array),
      after: () => () => {},
    },
    intervalMs: 5_000,
    messageBytesMax: () => 8e6,
    messageRefused() {},
    changed() {},
    lost() {},
    rounded() {},
    ...parts,
  })

const answering = (records: readonly RecordAnswer[]): Response =>
  new Response(new Uint8Array(writeSyncAnswer({ time: 1, records })), {
    headers: { 'content-type': PUSH_PULL_TYPE },
  })

const OPEN: RecordAnswer = {
  kind: 'open',
  epoch: 'e',
  commit: 1,
  readOnly: false,
  clientId: null,
  held: null,
  messages: [],
}

const endsWith = (ends: Partial<ChannelEnds>): ChannelEnds => ({
  ask: () => ({ clientId: 1, epoch: null, again: false }),
  opened() {},
  message() {},
  present() {},
  commit: () => 0,
  heal() {},
  lost() {},
  ended() {},
  ...ends,
})

it('asks for a record that cannot be had now once a round', async () => {
  const asked: string[][] = []
  const answers: { readonly [room: string]: readonly RecordAnswer[] } = {
    'ticket:damaged': [{ kind: 'closed', code: 'STORE_DAMAGED', sentence: 'It is damaged.' }],
    'ticket:later': [{ kind: 'later' }, { kind: 'closed', code: 'FORBIDDEN', sentence: 'No.' }],
  }
  const poller = pollerOf(body => {
    const asks = readSyncAsk(body) ?? []
    asked.push(asks.map(({ room }) => room))
    return answering(
      asks.map(({ room }): RecordAnswer => {
        const ofRoom = answers[room] ?? []
        return ofRoom[asked.length - 1] ?? ofRoom[0] ?? { kind: 'later' }
      }),
    )
  })
  const ends: ChannelEnd[] = []
  const channel = endsWith({ ended: end => ends.push(end) })
  poller.add('ticket:damaged', channel)
  poller.add('ticket:later', channel)
  poller.start()
  await poller.now()
  // The round that it began with, and the one that was asked for.
  expect(asked).toEqual([['ticket:damaged', 'ticket:later'], ['ticket:later'], ['ticket:damaged']])
  expect(ends.map(({ code, willRetry }) => [code, willRetry])).toEqual([
    ['STORE_DAMAGED', true],
    ['FORBIDDEN', false],
    ['STORE_DAMAGED', true],
  ])
  poller.stop()
})

it('brings what waits in requests of the size that a server takes', async () => {
  const requests: number[][] = []
  const poller = pollerOf(
    body => {
      expect(body.length).toBeLessThanOrEqual(10_000)
      const asks = readSyncAsk(body) ?? []
      requests.push(asks.flatMap(({ messages }) => messages.map(({ length }) => length)))
      return answering(asks.map(() => OPEN))
    },
    { messageBytesMax: () => 9_000 },
  )
  const say = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(2, 1)
  const channels = ['ticket:1', 'ticket:2'].map(room => {
    const channel = poller.add(
      room,
      endsWith({ opened: () => channel.queue.push(say(4_000), say(3_000), say(9_000), say(10)) }),
    )
    return channel
  })
  poller.start()
  await poller.now()
  expect(channels.map(({ queue }) => queue.length)).toEqual([0, 0])
  expect(requests.slice(0, 6)).toEqual([[], [4_000, 3_000], [9_000], [10, 4_000, 3_000], [9_000], [10]])
  poller.stop()
})

it('finds out what is taken on the way, and gives up what is larger alone', async () => {
  const taken: number[][] = []
  let messageBytesMax = 8e6
  const poller = pollerOf(
    body => {
      if (body.length > 100_000) return new Response('<h1>Too much</h1>', { status: 413 })
      const asks = readSyncAsk(body) ?? []
      taken.push(asks.flatMap(({ messages }) => messages.map(({ length }) => length)))
      return answering(asks.map(() => OPEN))
    },
    {
      messageBytesMax: () => messageBytesMax,
      messageRefused(bytes) {
        messageBytesMax = bytes - 1
      },
    },
  )
  const unsent: { readonly [room: string]: readonly number[] } = {
    'ticket:1': [20_000, 30_000, 150_000],
    'ticket:2': [70_000],
  }
  const channels = Object.entries(unsent).map(([room, sizes]) => {
    const channel = poller.add(
      room,
      endsWith({
        opened() {
          const fit = sizes.filter(size => size <= messageBytesMax)
          channel.queue.push(...fit.map(size => new Uint8Array(size).fill(2, 1)))
        },
      }),
    )
    return channel
  })
  poller.start()
  for (let round = 0; round < 5; round++) await poller.now()
  expect(poller.isWorking).toBe(true)
  expect(messageBytesMax).toBe(149_999)
  expect(channels.map(({ queue }) => queue.length)).toEqual([0, 0])
  expect(taken.flat()).toEqual(expect.arrayContaining([20_000, 30_000, 70_000]))
  poller.stop()
})

it('takes back one piece of a list of which no more is told, however often that was asked for at once', async () => {
  const asked: { limit: string | null; answer(response: Response): void }[] = []
  const rounds: (() => void)[] = []
  const stop = (): void => {}
  const link: Partial<Link> = {
    carrier: 'polling',
    onOpen: () => stop,
    onLost: () => stop,
    onControl: () => stop,
    onRound: (tell: () => void) => {
      rounds.push(tell)
      return stop
    },
    answerForLists() {},
    request: path =>
      new Promise(answer => {
        asked.push({ limit: new URL(path, 'http://127.0.0.1').searchParams.get('limit'), answer })
      }),
  }
  // Of the link it needs no more than this.
  const links = new ListLink(link as Link)
  let limit = 20
  const list: ListEars = {
    ...{ type: Ticket, query: { limit: 10 }, version: 0, heaps: () => [] },
    get limit() {
      return limit
    },
    whole: () => true,
    delta: () => true,
    refused() {
      limit -= 10
    },
    lost() {},
  }
  const id = links.add(list)
  limit = 30
  links.renew(id)
  for (const tell of rounds) tell()
  expect(asked.map(one => one.limit)).toEqual(['20', '30', '30'])
  const problem = { code: 'BAD_QUERY', detail: 'Ask for 20 rows at most.', paths: ['limit'] }
  for (const { answer } of asked.slice(1)) answer(Response.json(problem, { status: 400 }))
  await settle()
  expect(limit).toBe(20)
})
