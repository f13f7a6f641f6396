import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import type { WebsocketProvider } from 'y-websocket'
import { createStockEndpoint } from '../server/link/stock-endpoint.ts'
import { FakeDoor } from './wire/fake-door.ts'
import { startWireServer, until, type WireServer } from './wire/wire-server.ts'
import { endProvider, stockProvider } from './wire/stock-provider.ts'

let door: FakeDoor
let wire: WireServer
let providers: WebsocketProvider[]

beforeEach(async () => {
  door = new FakeDoor()
  wire = await startWireServer([createStockEndpoint({ door })])
  providers = []
})

afterEach(async () => {
  for (const provider of providers) endProvider(provider)
  await wire.close()
})

const view = (userId: string): WebsocketProvider => {
  const provider = stockProvider(wire.url, 'ticket:1', userId)
  provider.awareness.setLocalState({ user: { name: 'somebody else' } })
  providers.push(provider)
  return provider
}

const seen = (by: WebsocketProvider, other: WebsocketProvider) =>
  by.awareness.getStates().get(other.awareness.clientID)

const allSeeAll = (among: readonly WebsocketProvider[]): boolean =>
  among.every(a => among.every(b => seen(a, b) !== undefined))

describe('presence of stock clients on real sockets', () => {
  it('ends within a moment, whether a client says goodbye or its process is killed', async () => {
    const [ana, ben, eva] = [view('ana'), view('ben'), view('eva')]
    await until(() => allSeeAll([ana, ben, eva]), 'all three')
    ana.disconnect()
    await until(() => seen(ben, ana) === undefined, 'the clean end of ana')
    // The provider's socket is the `ws` class given to it.
    ;(eva.ws as unknown as WebSocket).terminate()
    eva.shouldConnect = false
    await until(() => seen(ben, eva) === undefined, 'the end of eva')
    expect([...ben.awareness.getStates().keys()]).toEqual([ben.awareness.clientID])
  })

  it('is there again after a reconnect', async () => {
    const [ana, ben] = [view('ana'), view('ben')]
    await until(() => allSeeAll([ana, ben]), 'both')
    ana.disconnect()
    await until(() => seen(ben, ana) === undefined, 'the end of ana')
    ana.connect()
    await until(() => allSeeAll([ana, ben]), 'ana again')
  })

  it('of fifty viewers, all moving, is right at each of them in the end, with the names of their tokens', async () => {
    const viewers = Array.from({ length: 50 }, (_, i) => view(`id${i}:Viewer ${i}`))
    await until(() => allSeeAll(viewers), 'fifty')
    for (let move = 1; move <= 20; move++) {
      for (const viewer of viewers) viewer.awareness.setLocalStateField('at', move)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    await until(() => viewers.every(a => viewers.every(b => seen(a, b)?.at === 20)), 'the last move')
    const [first] = viewers
    for (const [i, viewer] of viewers.entries()) {
      if (first === undefined || viewer === first) continue
      expect(seen(first, viewer)?.user).toEqual({ id: `id${i}`, name: `Viewer ${i}` })
    }
    expect(door.room('ticket:1').presence.present()).toHaveLength(50)
  })
})
