import { applyAwarenessUpdate, Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as Y from 'yjs'
import type { Principal } from '../server/access/principal.ts'
import type { SharedMessage } from '../server/link/shared-message.ts'
import { createWireCounters, type WireCounters } from '../server/link/wire-counters.ts'
import { readAwarenessBody, writeAwarenessStates } from '../server/room/awareness-body.ts'
import { Pacer } from '../server/room/pacer.ts'
import type { Peer } from '../server/room/peer.ts'
import { RoomPresence } from '../server/room/presence.ts'
import { readChannelMessage } from '../shared/wire/sync-message.ts'

let now: number
let pacer: Pacer
let peers: Set<Peer>
let counters: WireCounters
let presence: RoomPresence
let owners: Map<number, string>
const reserved = new WeakMap<Peer, number>()
const awarenesses: Awareness[] = []

beforeEach(() => {
  now = 1_800_000_000_000
  // Rooms are told when a test lets time pass, never by themselves.
  pacer = new Pacer(() => now)
  peers = new Set()
  counters = createWireCounters()
  owners = new Map()
  presence = createPresence()
})

afterEach(() => {
  for (const awareness of awarenesses.splice(0)) awareness.destroy()
})

const createPresence = (startedAt?: number): RoomPresence =>
  new RoomPresence({
    peers,
    pacer,
    counters,
    now: () => now,
    limits: { presenceBytes: 500, presenceStatesPerConnection: 4 },
    reservedOf: peer => reserved.get(peer) ?? null,
    ownerOf: clientId => owners.get(clientId),
    ...(startedAt === undefined ? {} : { startedAt }),
  })

const pass = (ms: number): void => {
  now += ms
  pacer.run(now)
}

/** A person's tab: y-protocols' own Awareness, wired as y-websocket's provider wires it, echoes included. */
class Tab {
  readonly awareness: Awareness
  peer: Peer | null = null
  /** Client id → how often a state of it was told to this tab. */
  readonly told: number[] = []
  frames = 0
  readonly userId: string
  readonly kind: 'stock' | 'link'
  private readonly doc: Y.Doc

  constructor(userId: string, kind: 'stock' | 'link' = 'stock', clientId?: number) {
    this.userId = userId
    this.kind = kind
    this.doc = new Y.Doc()
    if (clientId !== undefined) this.doc.clientID = clientId
    this.awareness = new Awareness(this.doc)
    awarenesses.push(this.awareness)
    this.awareness.on('update', ({ added, updated, removed }: Record<string, number[]>) =>
      this.send([...(added ?? []), ...(updated ?? []), ...(removed ?? [])]),
    )
  }

  get id(): number {
    return this.awareness.clientID
  }

  connect(name = `name of ${this.userId}`): this {
    const receive = (message: Uint8Array): void => {
      const parsed = readChannelMessage(message)
      if (parsed.kind !== 'awareness') throw new Error('no awareness message')
      this.frames++
      for (const { clientId } of readAwarenessBody(parsed.body, 10_000) ?? []) this.told.push(clientId)
      applyAwarenessUpdate(this.awareness, parsed.body, this)
    }
    const principal: Principal = { id: this.userId, name, roles: [], claims: {}, expiresAt: null }
    this.peer = {
      kind: this.kind,
      principal,
      wantsAcks: this.kind === 'link',
      send: receive,
      sendShared: (message: SharedMessage) => receive(message.bytes),
      close() {},
    }
    peers.add(this.peer)
    if (this.kind === 'link') reserved.set(this.peer, this.id)
    presence.join(this.peer)
    if (this.awareness.getLocalState() !== null) this.send([this.id], true)
    return this
  }

  /** The socket is gone; what the provider does on its side, it does as well. */
  drop(): void {
    if (this.peer === null) return
    peers.delete(this.peer)
    presence.leave(this.peer)
    this.peer = null
  }

  forgetOthers(): void {
    for (const id of this.awareness.getStates().keys()) if (id !== this.id) this.awareness.states.delete(id)
  }

  set(state: Record<string, unknown> | null): this {
    this.awareness.setLocalState(state)
    return this
  }

  sees(other: Tab): Record<string, unknown> | undefined {
    return this.awareness.getStates().get(other.id)
  }

  private send(ids: number[], isFirstWord = false): void {
    if (this.peer === null) return
    presence.receive(this.peer, encodeAwarenessUpdate(this.awareness, ids), isFirstWord)
  }
}

describe('presence', () => {
  it('reaches everybody else at once in a quiet room, and never comes back to its owner', () => {
    const [ana, ben] = [new Tab('ana').set({}).connect(), new Tab('ben').connect()]
    pass(100)
    pass(1_000)
    ana.set({ focus: 'title' })
    pass(0)
    expect(ben.sees(ana)).toMatchObject({ focus: 'title' })
    expect(ana.told).not.toContain(ana.id)
  })

  it.each(['stock', 'link'] as const)('carries id and name of the token, whatever a %s sender says', kind => {
    const mallory = new Tab('mallory', kind)
    mallory.set({ user: { id: 'ana', name: 'Ana', color: '#f00' }, focus: 'quote' }).connect('Mallory M.')
    const ben = new Tab('ben').connect()
    pass(100)
    expect(ben.sees(mallory)).toEqual({
      user: { id: 'mallory', name: 'Mallory M.', color: '#f00' },
      focus: 'quote',
    })
  })

  it('carries the new name after the token was renewed', () => {
    const [ana, eva] = [new Tab('ana').connect('Ana'), new Tab('eva', 'link').connect('Eva')]
    const ben = new Tab('ben').connect()
    pass(100)
    for (const { peer } of [ana, eva]) {
      if (peer === null) throw new Error('not connected')
      Object.assign(peer, { principal: { ...peer.principal, name: 'Renewed' } })
      presence.principalChanged(peer)
    }
    pass(100)
    expect([ben.sees(ana)?.user, ben.sees(eva)?.user]).toEqual([
      { id: 'ana', name: 'Renewed' },
      { id: 'eva', name: 'Renewed' },
    ])
  })

  it('of a connection that leaves ends, for stock and link, and late echoes do not bring it back', () => {
    for (const kind of ['stock', 'link'] as const) {
      const [ana, ben, eva] = [
        new Tab('ana', kind).connect(),
        new Tab('ben').connect(),
        new Tab('ana').connect(),
      ]
      pass(100)
      if (ben.peer === null || eva.peer === null) throw new Error('not connected')
      const echo = encodeAwarenessUpdate(ben.awareness, [ana.id])
      ana.drop()
      pass(100)
      expect(ben.sees(ana)).toBeUndefined()
      presence.receive(ben.peer, echo)
      presence.receive(eva.peer, echo)
      pass(100)
      expect(ben.sees(ana)).toBeUndefined()
    }
  })

  it('drops the states of others from a message in silence, and keeps the one its sender owns', () => {
    const [ana, ben] = [new Tab('ana').connect(), new Tab('ben').connect()]
    const eva = new Tab('eva').connect()
    pass(100)
    if (ben.peer === null) throw new Error('not connected')
    const forged = writeAwarenessStates([
      { clientId: ana.id, clock: 900, json: Buffer.from('{"focus":"forged"}') },
      { clientId: ben.id, clock: 900, json: Buffer.from('{"focus":"own"}') },
      { clientId: eva.id, clock: 900, json: Buffer.from('null') },
    ])
    presence.receive(ben.peer, bodyOf(forged))
    pass(100)
    expect(eva.sees(ana)?.focus).toBeUndefined()
    expect(eva.sees(ben)?.focus).toBe('own')
    expect(ana.sees(eva)).toBeDefined()
  })

  it('cannot be written under a client id that another user has written under, nor one that another user left', () => {
    const [ana, ben, mallory] = [new Tab('ana'), new Tab('ben').connect(), new Tab('mallory').connect()]
    owners.set(4711, 'ana')
    ana.connect()
    pass(100)
    ana.drop()
    pass(100)
    if (mallory.peer === null) throw new Error('not connected')
    for (const clientId of [4711, ana.id]) {
      const state = { clientId, clock: 999, json: Buffer.from('{}') }
      presence.receive(mallory.peer, bodyOf(writeAwarenessStates([state])))
    }
    pass(100)
    expect([...ben.awareness.getStates().keys()].sort()).toEqual([ben.id, mallory.id].sort())
  })

  it('of one connection are a few, however many it announces', () => {
    const [ben, mallory] = [new Tab('ben').connect(), new Tab('mallory').connect()]
    pass(100)
    if (mallory.peer === null) throw new Error('not connected')
    for (let clientId = 1; clientId <= 20; clientId++) {
      const state = { clientId, clock: 1, json: Buffer.from('{}') }
      presence.receive(mallory.peer, bodyOf(writeAwarenessStates([state])))
    }
    pass(100)
    expect([...ben.awareness.getStates().keys()].filter(id => id !== ben.id)).toEqual([mallory.id, 1, 2, 3])
  })

  it('is not read where a message holds more states than anybody was told', () => {
    const mallory = new Tab('mallory').connect()
    const says = (n: number): boolean => {
      const states = Array.from({ length: n }, (_, i) => ({ clientId: i, clock: 1, json: Buffer.from('{}') }))
      return mallory.peer !== null && presence.receive(mallory.peer, bodyOf(writeAwarenessStates(states)))
    }
    expect([3_000, 3_500].map(says)).toEqual([true, false])
  })

  it('lets a link channel announce the client id reserved for it, and no other', () => {
    const [ana, ben] = [new Tab('ana', 'link').connect(), new Tab('ben').connect()]
    pass(100)
    if (ana.peer === null) throw new Error('not connected')
    presence.receive(
      ana.peer,
      bodyOf(writeAwarenessStates([{ clientId: 5, clock: 1, json: Buffer.from('{}') }])),
    )
    pass(100)
    expect([...ben.awareness.getStates().keys()].sort()).toEqual([ana.id, ben.id].sort())
  })

  it('is told to a newcomer who has no state of its own, and whose first word is an echo', () => {
    const [ana, ben] = [new Tab('ana').connect(), new Tab('ben').connect()]
    const wall = new Tab('wall').set(null).connect()
    pass(10)
    expect(wall.sees(ana)).toBeUndefined()
    pass(50)
    expect([wall.sees(ana), wall.sees(ben)]).toEqual([expect.anything(), expect.anything()])
    pass(100)
    expect(presence.present()).toHaveLength(2)
  })

  it('of a tab that comes back with its old clock is there again at once', () => {
    const [ana, ben] = [new Tab('ana').set({ focus: 'a' }).connect(), new Tab('ben').connect()]
    pass(100)
    ana.drop()
    pass(100)
    expect(ben.sees(ana)).toBeUndefined()
    ana.connect()
    pass(100)
    expect(ben.sees(ana)).toMatchObject({ focus: 'a' })
  })

  it('of another window of the same browser, told by the first, is of who is there once they come themselves', () => {
    const [eva, ana] = [new Tab('eva').connect(), new Tab('ana').set({ focus: 'title' }).connect()]
    const ben = new Tab('ben').set({ focus: 'quote' })
    pass(1_000)
    // As windows tell each other.
    applyAwarenessUpdate(ana.awareness, encodeAwarenessUpdate(ben.awareness, [ben.id]), 'window')
    pass(1_000)
    expect([ana, ben].map(({ id }) => presence.userOf(id))).toEqual(['ana', null])
    ben.connect()
    pass(1_000)
    expect([ana, ben].map(({ id }) => presence.userOf(id))).toEqual(['ana', 'ben'])
    expect(eva.sees(ben)).toMatchObject({ focus: 'quote', user: { id: 'ben' } })
    ana.drop()
    pass(1_000)
    expect(presence.present().map(({ userId }) => userId)).toEqual(['eva', 'ben'])
  })

  it('of another window is not of one that looks on and told of it first; and what somebody began by stays theirs', () => {
    const onlooker = new Tab('ana')
    onlooker.awareness.setLocalState(null)
    onlooker.connect()
    const ben = new Tab('ben').set({ focus: 'quote' })
    pass(1_000)
    applyAwarenessUpdate(onlooker.awareness, encodeAwarenessUpdate(ben.awareness, [ben.id]), 'window')
    pass(1_000)
    ben.connect()
    pass(1_000)
    expect(presence.present().map(({ userId }) => userId)).toEqual(['ben'])
    expect(presence.userOf(ben.id)).toBe('ben')
    const thief = new Tab('eva', 'stock', ben.id)
    thief.set({ focus: 'quote' }).connect()
    pass(1_000)
    expect(presence.userOf(ben.id)).toBe('ben')
  })

  it('is taken from nobody whose id it is, by who begins with it', () => {
    const [given, writer] = [new Tab('ana', 'link'), new Tab('ben')]
    for (const tab of [given, writer]) tab.set(null).connect().set({ focus: 'quote' })
    owners.set(writer.id, 'ben')
    pass(1_000)
    for (const { id } of [given, writer]) new Tab('eva', 'stock', id).set({ focus: 'title' }).connect()
    pass(1_000)
    expect([given, writer].map(({ id }) => presence.userOf(id))).toEqual(['ana', 'ben'])
  })

  it('of a tab that comes back before the server noticed that it had gone stays, and survives the old socket', () => {
    const [ana, ben] = [new Tab('ana').set({ focus: 'a' }).connect(), new Tab('ben').connect()]
    pass(100)
    const { peer: dead } = ana
    ana.connect()
    pass(100)
    if (dead === null) throw new Error('not connected')
    peers.delete(dead)
    presence.leave(dead)
    pass(100)
    expect(ben.sees(ana)).toMatchObject({ focus: 'a' })
  })

  it('of everybody is there at once after a restart of the server, though receivers remember the clocks', () => {
    const tabs = [new Tab('ana').set({ focus: 'a' }).connect(), new Tab('ben').set({ focus: 'b' }).connect()]
    const [ana, ben] = tabs
    pass(100)
    peers.clear()
    presence = createPresence(now)
    for (const tab of tabs) {
      tab.peer = null
      tab.forgetOthers()
    }
    for (const tab of tabs) tab.connect()
    pass(100)
    if (!ana || !ben) throw new Error('two tabs')
    expect(ben.sees(ana)).toMatchObject({ focus: 'a' })
    expect(ana.sees(ben)).toMatchObject({ focus: 'b' })
  })

  it('is paced and coalesced when it is busy: the last state counts, one frame carries all', () => {
    const viewers = Array.from({ length: 50 }, (_, i) => new Tab(`viewer ${i}`).connect())
    const [watcher] = viewers
    pass(1_000)
    if (!watcher) throw new Error('fifty viewers')
    const frames = watcher.frames
    for (let move = 1; move <= 100; move++) {
      for (const viewer of viewers) viewer.set({ at: move })
      pass(10)
    }
    pass(200)
    expect(watcher.frames - frames).toBeLessThan(60)
    for (const viewer of viewers.slice(1)) expect(watcher.sees(viewer)?.at).toBe(100)
  })

  it('is told on when the clock was set back since it was planned', () => {
    const told: number[] = []
    pacer.at({ tell: at => told.push(at) }, now + 5_000)
    pass(-365 * 86_400_000)
    expect(told).toEqual([now])
  })

  it('of somebody who reads, and has set no state, is seen all the same', () => {
    const [reader, ben] = [new Tab('reader').connect(), new Tab('ben').connect()]
    pass(100)
    expect(ben.sees(reader)).toEqual({ user: { id: 'reader', name: 'name of reader' } })
  })

  it('that a stock sender renews reaches stock readers in time, and no link', () => {
    const [ana, ben, eva] = [
      new Tab('ana').connect(),
      new Tab('ben').connect(),
      new Tab('eva', 'link').connect(),
    ]
    pass(1_000)
    const told = { ben: ben.told.length, eva: eva.told.length }
    ana.set(ana.awareness.getLocalState())
    pass(1_000)
    expect(ben.told.length).toBe(told.ben)
    pass(5_000)
    expect(ben.told.slice(told.ben)).toEqual([ana.id])
    expect(eva.told.length).toBe(told.eva)
  })

  it('of link senders is renewed by the server, in one frame, to stock readers alone', () => {
    const links = ['ana', 'eva'].map(id => new Tab(id, 'link').connect())
    const ben = new Tab('ben').connect()
    pass(1_000)
    const frames = [ben, ...links].map(tab => tab.frames)
    pass(20_000)
    pass(1_000)
    expect([ben, ...links].map(tab => tab.frames)).toEqual([(frames[0] ?? 0) + 1, ...frames.slice(1)])
    for (const link of links) expect(ben.sees(link)).toBeDefined()
  })

  it('of a link sender rises in clock through changes, ends and returns', () => {
    const [ana, ben] = [new Tab('ana', 'link').connect(), new Tab('ben').connect()]
    pass(100)
    const clockAtBen = () => ben.awareness.meta.get(ana.id)?.clock ?? 0
    const clocks = [clockAtBen()]
    ana.set({ focus: 'b' })
    // The clock of the server is set back.
    now -= 5_000
    pacer.run(now + 10_000)
    clocks.push(clockAtBen())
    ana.drop()
    ana.connect()
    pacer.run(now + 10_000)
    clocks.push(clockAtBen())
    expect(ben.sees(ana)).toMatchObject({ focus: 'b' })
    expect(clocks).toEqual([...clocks].sort((a, b) => a - b))
    expect(new Set(clocks).size).toBe(3)
  })

  it('that is too large is not shown, and the last one stays', () => {
    const [ana, ben] = [new Tab('ana').set({ focus: 'a' }).connect(), new Tab('ben').connect()]
    pass(100)
    ana.set({ focus: 'x'.repeat(600) })
    pass(100)
    expect(ben.sees(ana)).toMatchObject({ focus: 'a' })
    expect(counters.presenceTooLarge).toBe(1)
  })

  it.each(['[1]', '"text"', '7', '{"half":', ''])('of the form %s is not shown', json => {
    const [ana, ben] = [new Tab('ana').set(null).connect(), new Tab('ben').connect()]
    if (ana.peer === null) throw new Error('not connected')
    const state = { clientId: ana.id, clock: 5, json: Buffer.from(json) }
    presence.receive(ana.peer, bodyOf(writeAwarenessStates([state])))
    pass(100)
    expect(ben.sees(ana)).toBeUndefined()
  })

  // Rounded and written anew, this number could be read by nobody: 2 ** 62 + 2 ** 53 - 1.
  const rounded = [255, 255, 255, 255, 255, 255, 255, 143, 64]
  it.each([
    [[]],
    [[200]],
    [[1, 5]],
    [[1, 5, 1, 200]],
    [[2, 5, 1, 2, 123, 125]],
    [[1, ...rounded, 1, 2, 123, 125]],
    [[1, 5, ...rounded, 2, 123, 125]],
  ])('says that %j is malformed, and takes nothing of it', bytes => {
    const ana = new Tab('ana').set(null).connect()
    if (ana.peer === null) throw new Error('not connected')
    expect(presence.receive(ana.peer, Uint8Array.from(bytes))).toBe(false)
    expect(presence.present()).toEqual([])
  })

  it('names who is here', () => {
    new Tab('ana').set({ focus: 'title' }).connect('Ana')
    new Tab('ben', 'link').set({}).connect('Ben')
    expect(presence.present()).toMatchObject([
      { userId: 'ana', name: 'Ana', state: { focus: 'title' } },
      { userId: 'ben', name: 'Ben' },
    ])
  })

  it('of a room that all have left costs nothing after a minute', () => {
    const ana = new Tab('ana').connect()
    pass(100)
    ana.drop()
    pass(100)
    expect(presence.isIdle).toBe(false)
    pass(60_000)
    expect(presence.isIdle).toBe(true)
  })
})

const bodyOf = (message: Uint8Array): Uint8Array => {
  const parsed = readChannelMessage(message)
  if (parsed.kind !== 'awareness') throw new Error('no awareness message')
  return parsed.body
}
