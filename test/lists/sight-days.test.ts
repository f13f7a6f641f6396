// Days drawn by lot in which who may read a record changes all the time: by whose it is, by its team, by what a token
// says. Each value that is written is another one, so that all that a person was sent tells what they have been shown.
// Nobody is shown what stood in a record while they could not read it, on whatever socket, and whenever all is quiet
// everybody's lists are what the records say, also after restarts and by whoever comes back.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Principal } from '../../server/access/principal.ts'
import { createRandom, type Random } from '../../server/simulate/random.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import {
  type Change,
  claim,
  defineRecord,
  integer,
  oneOf,
  ref,
  setOf,
  text,
  verbOf,
  type View,
} from '../../shared/index.ts'
import { type Filter, matches, type Row } from '../../shared/record/filter.ts'
import { writeSyncStep1 } from '../../shared/wire/sync-message.ts'
import { startServer, type TestServer, tokenFor } from '../operations-server.ts'
import { LinkClient } from '../wire/link-client.ts'
import { until } from '../wire/wire-server.ts'
import { ShownList } from './shown-list.ts'

const read: Filter = {
  $any: [
    { $role: 'lead' },
    { stage: 'public' },
    { owner: claim('sub') },
    { shared: { contains: claim('sub') } },
    { team: { in: claim('teams') } },
  ],
}
const fields = {
  title: text.line(),
  owner: ref('user'),
  team: oneOf('red', 'blue', 'green'),
  shared: setOf(ref('user')),
  stage: oneOf('draft', 'public'),
  amount: integer(),
}
const list = { orders: ['title', 'amount'], equal: ['team', 'owner'], search: ['title'] }
/** As the words of most types, with values of before and after. */
const eventsOf = (type: string) => (change: Change<View<typeof fields>>) => [
  { type, action: verbOf(change), data: { was: change.before.title, title: change.after.title } },
]
const Plan = defineRecord('plan', {
  fields,
  events: eventsOf('plan'),
  list,
  row: ({ title, owner, team, shared, stage, amount }) => ({ title, owner, team, shared, stage, amount }),
  access: { read },
})
const Task = defineRecord('task', {
  fields: { ...fields, plan: ref('plan') },
  list: { ...list, equal: ['team', 'owner', 'plan'] },
  row: ({ title, owner, team, shared, stage, amount, plan }) => ({
    title,
    owner,
    team,
    shared,
    stage,
    amount,
    plan,
  }),
  events: eventsOf('task'),
  belongsTo: 'plan',
  access: { read },
})
const TYPES = ['plan', 'task'] as const
type TypeName = (typeof TYPES)[number]

const named = process.env.CORECORD_SEED
const SEEDS = named === undefined ? [1, 2, 3] : [Number(named)]
const STEPS = 60
const IDS = ['1', '2', '3', '4']
const PEOPLE = ['ana', 'bo', 'cy']
const MARK = /m\d{6}x/g

/** What stood in a record, from one step to another: both may have been asked at either. */
interface State {
  readonly row: Row
  /** It stands on no list, and can be read as before. */
  readonly isRemoved: boolean
  readonly from: number
  to: number
}

/** Who somebody was on a line, and from when to when. */
interface Being {
  readonly me: Principal
  readonly from: number
  to: number
}

const mayRead = (row: Row, me: Principal): boolean => matches(read, row, me)

/** One connection: all that it was sent, and what it may have been. */
class Line {
  readonly name: string
  readonly beings: Being[]
  /** Whoever may read a record now may read what came before. */
  readonly tellsPast: boolean
  readonly said = new Set<string>()
  #rest = ''

  constructor(name: string, me: Principal, step: number, tellsPast: boolean) {
    this.name = name
    this.beings = [{ me, from: step, to: Number.POSITIVE_INFINITY }]
    this.tellsPast = tellsPast
  }

  hear(text: string): void {
    const all = this.#rest + text
    for (const [mark] of all.matchAll(MARK)) this.said.add(mark)
    this.#rest = all.slice(-8)
  }

  become(me: Principal, step: number): void {
    const last = this.beings.at(-1)
    if (last !== undefined) last.to = step
    this.beings.push({ me, from: step, to: Number.POSITIVE_INFINITY })
  }

  end(step: number): void {
    const last = this.beings.at(-1)
    if (last !== undefined) last.to = Math.min(last.to, step)
  }
}

interface ListOnLine {
  readonly shown: ShownList
  /** Of one on a link that is no belonging. */
  readonly id?: number
  ask: Asked
  readonly type: TypeName
  /** Of a belonging. */
  readonly plan: string | null
}

interface Asked {
  readonly where: Filter
  readonly orderBy: readonly [string, 'asc' | 'desc']
  readonly limit: number
}

interface Link {
  readonly client: LinkClient
  /** Of rows, and of what records are themselves. */
  readonly line: Line
  readonly past: Line
  me: Principal
  readonly lists: ListOnLine[]
  asked: number
}

class Days {
  readonly random: Random
  readonly history: string[] = []
  readonly states = new Map<string, State[]>()
  readonly lines: Line[] = []
  readonly links: Link[] = []
  readonly #folder: string
  #running!: TestServer
  #step = 0
  #mark = 0
  #streams: { readonly line: Line; readonly lists: readonly ListOnLine[]; end(): void }[] = []
  #root = ''

  constructor(seed: number, folder: string) {
    this.random = createRandom(seed)
    this.#folder = folder
  }

  note(line: string): void {
    this.history.push(`${this.#step} ${line}`)
  }

  async begin(): Promise<void> {
    this.#root = await tokenFor('root', { roles: ['admin'] })
    await this.#serve()
    for (const type of TYPES) for (const id of IDS) await this.write(type, id)
    for (const person of PEOPLE) await this.sit(this.anybody(person))
  }

  async #serve(): Promise<void> {
    this.#running = await startServer({
      records: [Plan, Task],
      store: new LevelStore({ folder: join(this.#folder, 'db') }),
      limits: { requestsPerSecond: 100_000 },
    })
  }

  anybody(id: string): Principal {
    const { random } = this
    const teams = ['red', 'blue', 'green'].filter(() => random.chance(0.3))
    const roles = random.chance(0.2) ? ['lead'] : []
    return { id, name: id, roles, claims: random.chance(0.8) ? { teams } : {}, expiresAt: null }
  }

  tokenOf({ id, roles, claims }: Principal): Promise<string> {
    return tokenFor(id, { roles, claims })
  }

  /** A row of this moment, of which every value is new. */
  #drawn(type: TypeName, id: string): Row {
    const { random } = this
    return {
      id,
      title: `m${String(++this.#mark).padStart(6, '0')}x`,
      owner: random.pick([...PEOPLE, 'nobody', null]),
      team: random.pick(['red', 'blue', 'green', null]),
      shared: PEOPLE.filter(() => random.chance(0.2)),
      stage: random.pick(['draft', 'draft', 'draft', 'draft', 'public', null]),
      amount: random.below(5),
      ...(type === 'task' ? { plan: random.pick(['plan:1', 'plan:2', null]) } : {}),
    }
  }

  async #ask(path: string, method: string, body?: unknown): Promise<void> {
    const response = await this.#running.fetch(path, {
      method,
      headers: {
        authorization: `Bearer ${this.#root}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  }

  async write(type: TypeName, id: string): Promise<void> {
    const room = `${type}:${id}`
    const states = this.states.get(room) ?? []
    this.states.set(room, states)
    const before = states.at(-1)
    const become = (row: Row, isRemoved: boolean): void => {
      const last = states.at(-1)
      if (last !== undefined) last.to = this.#step
      states.push({ row, isRemoved, from: this.#step, to: Number.POSITIVE_INFINITY })
    }
    if (before?.isRemoved === false && this.random.chance(0.08)) {
      this.note(`${room} is removed`)
      become(before.row, true)
      await this.#ask(`/api/records/${type}/${id}`, 'DELETE')
      return
    }
    const row = this.#drawn(type, id)
    if (before?.isRemoved === true) {
      // What it was comes back for a moment.
      become(before.row, false)
      await this.#ask(`/api/records/${type}/${id}/restore`, 'POST')
    }
    become(row, false)
    const { id: _, ...values } = row
    this.note(`${room} is ${JSON.stringify(row)}`)
    if (before === undefined) await this.#ask(`/api/records/${type}`, 'POST', { id, ...values })
    else await this.#ask(`/api/records/${type}/${id}`, 'PATCH', values)
  }

  #line(name: string, me: Principal, tellsPast: boolean): Line {
    const line = new Line(name, me, this.#step, tellsPast)
    this.lines.push(line)
    return line
  }

  async sit(me: Principal): Promise<void> {
    const line = this.#line(`link of ${me.id}`, me, false)
    const past = this.#line(`records of ${me.id}`, me, true)
    const token = await this.tokenOf(me)
    const client = new LinkClient(this.#running.server.url.replace('http', 'ws'))
    client.onMessage = (_, payload) => past.hear(Buffer.from(payload).toString('latin1'))
    client.onControl = message => line.hear(JSON.stringify(message))
    this.note(`${me.id} comes as ${JSON.stringify(me)}`)
    await client.greeted(token)
    const link: Link = { client, line, past, me, lists: [], asked: 0 }
    this.links.push(link)
    for (let i = 0; i < 4; i++) this.subscribe(link)
    for (const type of TYPES)
      for (const id of IDS) if (this.random.chance(0.5)) this.open(link, `${type}:${id}`)
  }

  open({ client }: Link, room: string): void {
    const channel = this.#channels++
    client.tell({ t: 'open', channels: [{ channel, room }] })
    client.send(channel, writeSyncStep1(Uint8Array.of(0)))
  }
  #channels = 1

  #drawAsk(): Asked {
    const { random } = this
    return {
      where: random.pick<Filter>([
        {},
        {},
        { team: random.pick(['red', 'blue', null]) },
        { owner: random.pick(PEOPLE) },
        { owner: claim('sub') },
        { amount: { gte: 2 } },
        { $text: 'm00' },
        { shared: { contains: random.pick(PEOPLE) } },
        { stage: { ne: 'public' } },
      ]),
      orderBy: [random.pick(['title', 'amount', 'id']), random.pick<'asc' | 'desc'>(['asc', 'desc'])],
      limit: random.pick([1, 2, 50]),
    }
  }

  readonly #figures = { count: true, groups: ['team', 'title'], sums: ['amount'], said: true }

  subscribe(link: Link): void {
    const id = ++link.asked
    const ask = this.#drawAsk()
    if (this.random.chance(0.3)) {
      const plan = this.random.pick(['1', '2', '3'])
      const query = { belong: `plan:${plan}`, orderBy: ask.orderBy, limit: 50 }
      for (const type of TYPES)
        link.lists.push({
          shown: new ShownList(link.client, id, type),
          ask: { ...ask, where: {}, limit: 50 },
          type,
          plan,
        })
      link.client.tell({ t: 'sub', id, query })
      return
    }
    const type = this.random.pick(TYPES)
    link.lists.push({ shown: new ShownList(link.client, id), id, ask, type, plan: null })
    link.client.tell({ t: 'sub', id, query: { type, ...ask, ...this.#figures } as never })
  }

  /** As who scrolls asks for more. */
  #lengthen(link: Link): void {
    const one = this.random.pick(link.lists)
    if (one.id === undefined) return
    one.ask = { ...one.ask, limit: one.ask.limit + 1 + this.random.below(3) }
    this.note(`${link.me.id} asks for ${one.ask.limit} of list ${one.id}`)
    const query = { type: one.type, ...one.ask, ...this.#figures }
    link.client.tell({ t: 'sub', id: one.id, held: true, query: query as never })
  }

  async #streamed(
    path: string,
    line: Line,
    token: string,
    frame: (text: string) => void,
  ): Promise<() => void> {
    const ended = new AbortController()
    const response = await this.#running.fetch(path, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${token}` },
      signal: ended.signal,
    })
    expect(response.status).toBe(200)
    const decoder = new TextDecoder()
    let text = ''
    void (async () => {
      for await (const chunk of response.body ?? []) {
        const came = decoder.decode(chunk, { stream: true })
        line.hear(came)
        text += came
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          frame(text.slice(0, end))
          text = text.slice(end + 2)
        }
      }
    })().catch(() => {})
    return () => ended.abort()
  }

  async stream(me: Principal): Promise<void> {
    const { random } = this
    const token = await this.tokenOf(me)
    const kind = random.pick(['lists', 'events', 'gone', 'updates'] as const)
    const line = this.#line(`${kind} of ${me.id}`, me, kind !== 'lists')
    this.note(`${me.id} follows ${kind} as ${JSON.stringify(me)}`)
    if (kind === 'lists') {
      const type = random.pick(TYPES)
      const ask = this.#drawAsk()
      const shown = new ShownList(null, 0)
      const query = encodeURIComponent(JSON.stringify({ type, ...ask, ...this.#figures }))
      const end = await this.#streamed(`/api/lists?query=${query}`, line, token, frame => {
        const [, t = '', data = 'null'] = /^event: (\w+)\ndata: (.*)$/s.exec(frame) ?? []
        if (t === 'rows' || t === 'delta') shown.take({ t, ...JSON.parse(data) })
      })
      this.#streams.push({ line, lists: [{ shown, ask, type, plan: null }], end })
    } else if (kind === 'updates') {
      const url = `${this.#running.server.url.replace('http', 'ws')}/ws/updates?since=0&gone`
      const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } })
      socket.on('error', () => {})
      socket.on('message', data => line.hear(String(data)))
      await new Promise(resolve => socket.once('open', resolve))
      this.#streams.push({ line, lists: [], end: () => socket.terminate() })
    } else {
      const path = `/api/events?since=0${kind === 'gone' ? '&gone' : ''}`
      const end = await this.#streamed(path, line, token, () => {})
      this.#streams.push({ line, lists: [], end })
    }
  }

  /** A question that is answered once. */
  async look(me: Principal): Promise<void> {
    const { random } = this
    const type = random.pick(TYPES)
    const [field, direction] = this.#drawAsk().orderBy
    const [path, tellsPast] = random.pick<[string, boolean]>([
      [
        `/api/records/${type}?count=true&groups=title&sums=amount&limit=2&orderBy=${field}:${direction}`,
        false,
      ],
      [`/api/records/${type}?q=m00&limit=${1 + random.below(5)}`, false],
      [`/api/export/${type}?format=${random.pick(['csv', 'jsonl'])}`, true],
      [`/api/records/${type}/${random.pick(IDS)}`, true],
      [`/api/records/${type}/${random.pick(IDS)}/history`, true],
      ['/api/events?since=0&limit=1000&gone', true],
    ])
    const line = this.#line(`${path} of ${me.id}`, me, tellsPast)
    const authorization = `Bearer ${await this.tokenOf(me)}`
    const response = await this.#running.fetch(path, { headers: { authorization } })
    line.hear(await response.text())
    line.end(this.#step)
  }

  async step(): Promise<void> {
    this.#step++
    const { random } = this
    const what = random.below(100)
    const link = random.pick(this.links)
    if (what < 55) {
      const rooms = new Set(
        Array.from({ length: 1 + random.below(3) }, () => `${random.pick(TYPES)}:${random.pick(IDS)}`),
      )
      // Amid what is written others look.
      const looks = random.chance(0.5) ? [this.look(this.anybody(random.pick(PEOPLE)))] : []
      const writes = [...rooms].map(room => this.write(...(room.split(':') as [TypeName, string])))
      await Promise.all([...writes, ...looks])
    } else if (what < 65) {
      const me = this.anybody(link.me.id)
      this.note(`${me.id} becomes ${JSON.stringify(me)}`)
      const { client } = link
      link.line.become(me, this.#step)
      link.past.become(me, this.#step)
      link.me = me
      client.tell({ t: 'token', token: await this.tokenOf(me) })
      await client.heard('renewed')
      // Amid a renewal others write.
      if (random.chance(0.5)) await this.write(random.pick(TYPES), random.pick(IDS))
    } else if (what < 72) {
      if (random.chance(0.5)) this.subscribe(link)
      else this.#lengthen(link)
    } else if (what < 77) {
      this.open(link, `${random.pick(TYPES)}:${random.pick(IDS)}`)
    } else if (what < 82) {
      link.client.tell({ t: 'search', id: 1, words: 'm00', limit: 100 })
    } else if (what < 89) {
      await this.stream(this.anybody(random.pick(PEOPLE)))
    } else if (what < 94) {
      await this.look(this.anybody(random.pick(PEOPLE)))
    } else if (what < 97) {
      this.note(`${link.me.id}'s line breaks`)
      await this.#comesBack(link)
    } else {
      this.note('the server is started anew')
      for (const { line, end } of this.#streams.splice(0)) {
        end()
        line.end(this.#step)
      }
      await this.#running.server.close()
      await this.#serve()
      for (const each of [...this.links]) await this.#comesBack(each)
    }
  }

  async #comesBack(link: Link): Promise<void> {
    link.client.socket.terminate()
    link.line.end(this.#step)
    link.past.end(this.#step)
    this.links.splice(this.links.indexOf(link), 1)
    await this.sit(link.me)
  }

  /** What a list shows, by what the records say. */
  #expected({ ask, type, plan }: ListOnLine, me: Principal): { rows: string[]; figures: object | null } {
    const isMeant = (row: Row): boolean =>
      plan === null ? matches(ask.where, row, me, ['title']) : isOf(row, type, plan)
    const all: Row[] = []
    for (const [room, states] of this.states) {
      const state = states.at(-1)
      if (!room.startsWith(`${type}:`) || state === undefined || state.isRemoved) continue
      if (mayRead(state.row, me) && isMeant(state.row)) all.push(state.row)
    }
    const [field, direction] = ask.orderBy
    const sign = direction === 'desc' ? -1 : 1
    all.sort((a, b) => sign * (compare(a[field], b[field]) || compare(a.id, b.id)))
    const groupsBy = (name: string): object => countBy(all.map(row => String(row[name])))
    const amounts = (rows: readonly Row[]): object => ({
      amount: rows.reduce((sum, row) => sum + Number(row['amount']), 0),
    })
    const sumsBy = (name: string): object =>
      Object.fromEntries(
        Object.keys(groupsBy(name)).map(value => [
          value,
          amounts(all.filter(row => String(row[name]) === value)),
        ]),
      )
    const figures = {
      total: all.length,
      groups: { team: groupsBy('team'), title: groupsBy('title') },
      sums: amounts(all),
      groupSums: { team: sumsBy('team'), title: sumsBy('title') },
    }
    return { rows: all.slice(0, ask.limit).map(shownOf), figures: plan === null ? figures : null }
  }

  /** All is told that there is to tell: everybody's lists are what they are to be. */
  async check(): Promise<void> {
    const all = [
      ...this.links.flatMap(({ me, lists }) => lists.map(one => ({ me, one }))),
      ...this.#streams.flatMap(({ line, lists }) =>
        lists.map(one => ({ me: line.beings[0]?.me as Principal, one })),
      ),
    ]
    for (const { me, one } of all) {
      const expected = JSON.stringify(ordered(this.#expected(one, me)))
      const shown = (): string => {
        const { rows, figures } = one.shown
        return JSON.stringify(
          ordered({ rows: rows.map(shownOf), figures: one.plan === null ? figures : null }),
        )
      }
      const isRight = (): boolean => shown() === expected
      await until(isRight, 'what the records say').catch(() => {})
      if (!isRight())
        throw new Error(`a list of ${me.id} ${JSON.stringify(one.ask)}\nshows ${shown()}\nnot   ${expected}`)
    }
  }

  /** Nobody was sent what they could not read. */
  checkSaid(): void {
    const writtenIn = new Map<string, string>()
    for (const [room, states] of this.states)
      for (const { row } of states) writtenIn.set(String(row['title']), room)
    const meets = (a: { from: number; to: number }, b: { from: number; to: number }): boolean =>
      a.from <= b.to && b.from <= a.to
    for (const line of this.lines) {
      for (const mark of line.said) {
        const states = this.states.get(writtenIn.get(mark) ?? '') ?? []
        const first = states.findIndex(({ row }) => row['title'] === mark)
        const isMeant = (state: State, at: number): boolean =>
          line.tellsPast ? at >= first : state.row['title'] === mark && !state.isRemoved
        const isFine = states.some(
          (state, at) =>
            isMeant(state, at) &&
            line.beings.some(being => meets(being, state) && mayRead(state.row, being.me)),
        )
        if (!isFine) throw new Error(`${mark} was sent: ${line.name}, ${JSON.stringify(line.beings)}`)
      }
    }
    expect(this.lines.some(({ said }) => said.size > 0)).toBe(true)
  }

  async close(): Promise<void> {
    for (const { end } of this.#streams) end()
    for (const { client } of this.links) client.socket.terminate()
    await this.#running.close()
  }
}

const isOf = (row: Row, type: TypeName, plan: string): boolean =>
  type === 'plan' ? row.id === plan : row['plan'] === `plan:${plan}`

const compare = (a: unknown, b: unknown): number =>
  (a as number) > (b as number) ? 1 : (a as number) < (b as number) ? -1 : 0

const countBy = (values: readonly string[]): object => {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

const shownOf = ({ id, title, owner, team, amount }: Row): string =>
  JSON.stringify([id, title, owner, team, amount])

/** The same whatever the order of its names. */
const ordered = (value: unknown): unknown =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(
        Object.entries(value)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, part]) => [name, ordered(part)]),
      )

it.each(SEEDS)(
  'nobody is sent what they cannot read, and everybody’s lists are whole, whoever may read what (seed %i)',
  async seed => {
    const folder = await mkdtemp(join(tmpdir(), 'corecord-sight-'))
    const days = new Days(seed, folder)
    try {
      await days.begin()
      for (let i = 0; i < STEPS; i++) {
        await days.step()
        if (i % 6 === 5) await days.check()
      }
      await days.check()
      days.checkSaid()
    } catch (error) {
      if (error instanceof Error) error.message += `\n${days.history.join('\n')}`
      throw error
    } finally {
      await days.close()
      await rm(folder, { recursive: true, force: true })
    }
  },
)
