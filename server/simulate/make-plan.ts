// What a simulated person could do next, and what must come of it, by what is on their screen.

import type { Value } from '../../shared/record/value.ts'
import type { EntryView } from '../../shared/record/view.ts'
import type { Device, World } from './device.ts'
import { type Intended, onScreen } from './expectation.ts'
import type { LiveWrites } from './ledger.ts'
import { isEqual, isRemoved, openQuestions } from './oracle.ts'
import { Specimen } from './specimen.ts'

export interface Plan {
  readonly text: string
  readonly intended: readonly Intended[]
  readonly run: () => void
  /** The code of the error it must end in, with nothing written. */
  readonly refused?: string
  readonly isUndo?: 'undo' | 'redo'
}

type Record = Device['record']

const STATUSES = ['open', 'working', 'done'] as const
const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const
const TAGS = ['red', 'a/b', '$odd', '50%', 'žuto'] as const
const USERS = ['ana', 'boris', 'desk'] as const
/** What a tombstone holds is told by what it makes of the edits beneath it. */
export const TOMBSTONE: Value = { seen: '…' }
const SHARED_ENTRIES = ['s1', 's2'] as const

/** What this person may write anywhere, and every kind of it about equally often. */
export const makePlan = (device: Device, world: World): Plan | null => {
  const { random } = world
  const { record } = device
  const live = device.live
  if (isRemoved(live, '') && random.chance(0.7)) {
    return random.chance(0.7)
      ? {
          text: 'restores the record',
          intended: [{ path: '', value: null, shown: 'all' }],
          run: () => record.restore(),
        }
      : openQuestions(Specimen, live, world.ledger).some(({ path }) => path === '')
        ? removeRecord(record)
        : null
  }
  const plan = random.pick(PLANS)(device, world, live)
  if (plan === null) return null
  const isRefused = isRemoved(live, '') && !plan.intended.some(({ path }) => path === '')
  return isRefused && plan.refused === undefined ? { ...plan, refused: 'REMOVED' } : plan
}

const removeRecord = (record: Record): Plan => ({
  text: 'removes the record',
  intended: [{ path: '', value: TOMBSTONE, shown: 'all' }],
  run: () => record.remove(),
})

const set = (record: Record, path: string, value: Value): Plan => ({
  text: `sets ${path} to ${JSON.stringify(value)}`,
  intended: [{ path, value, shown: 'value' }],
  run: () => record.write(path, value),
})

const valueFor = (path: string, { random }: World, device: Device): Value => {
  if (random.chance(0.12)) return null
  switch (path.split('/').at(-1)) {
    case 'status':
      return random.pick(STATUSES)
    case 'priority':
      return random.pick(PRIORITIES)
    case 'claimedBy':
    case 'worker':
      return device.person.isDispatcher
        ? random.pick(USERS)
        : random.chance(0.85)
          ? device.person.id
          : random.pick(USERS)
    case 'done':
      return random.chance(0.5)
    case 'floor':
    case 'quote':
    case 'level':
      return random.below(6)
    default:
      return `${random.pick(['red', 'green', 'blue'])} ${random.below(4)}`
  }
}

const entryOf = (world: World, device: Device, list: 'lines' | 'comments'): EntryView | null => {
  // The typed entries are what the view holds; only their ids and order are used here.
  const entries = device.record.view[list] as unknown as readonly EntryView[]
  return entries.length === 0 ? null : world.random.pick(entries)
}

type Planner = (device: Device, world: World, live: LiveWrites) => Plan | null

const setField: Planner = (device, world) => {
  const path = world.random.pick(['title', 'status', 'priority', 'floor', 'claimedBy', 'quote'] as const)
  return set(device.record, path, valueFor(path, world, device))
}

const setSeveral: Planner = (device, world) => {
  const patch = {
    title: valueFor('title', world, device) as string | null,
    status: valueFor('status', world, device) as 'open' | null,
    floor: valueFor('floor', world, device) as number | null,
  }
  return {
    text: `sets ${JSON.stringify(patch)}`,
    intended: Object.entries(patch).map(([path, value]) => ({ path, value, shown: 'value' })),
    run: () => device.record.set(patch),
  }
}

const setWrong: Planner = device => ({
  text: 'sets a status that there is not, and a title',
  intended: [],
  run: () => device.record.set({ title: 'never', status: 'no such status' as 'open' }),
  refused: isRemoved(device.live, '') ? 'REMOVED' : 'BAD_VALUE',
})

/** Picks one of the values of a conflict that is on the screen, winner or loser. */
const settleConflict: Planner = (device, world) => {
  const open = device.record.conflicts.filter(({ kind }) => kind === 'values')
  if (open.length === 0) return null
  const { path, values } = world.random.pick(open)
  const picked = world.random.pick(values)
  return {
    text: `settles ${path} as ${JSON.stringify(picked.value)}`,
    intended: [{ path, value: picked.value, shown: 'all' }],
    run: () => picked.settle(),
  }
}

const changeSet: Planner = (device, world) => {
  const { random } = world
  const line = random.chance(0.3) ? entryOf(world, device, 'lines') : null
  const base = line === null ? 'tags' : `lines/${line.id}/flags`
  const union =
    line === null ? device.record.union('tags') : device.record.list('lines').union(line.id, 'flags')
  const tags = [random.pick(TAGS), random.pick(TAGS)]
  const isAdded = random.chance(0.6)
  return {
    text: `${isAdded ? 'adds' : 'takes'} ${tags.join(' and ')} ${isAdded ? 'to' : 'from'} ${base}`,
    intended: tags.map(tag => ({ path: `${base}/${escaped(tag)}`, value: isAdded, shown: 'value' })),
    run: () => (isAdded ? union.add(...tags) : union.remove(...tags)),
  }
}

const escaped = (key: string): string =>
  key.replaceAll('%', '%25').replaceAll('/', '%2F').replace(/^\$/, '%24')

const count: Planner = (device, world, live) => {
  const { random } = world
  const line = random.chance(0.3) ? entryOf(world, device, 'lines') : null
  const base = line === null ? 'parts' : `lines/${line.id}/used`
  const amount = random.pick([1, 2, 5, -1])
  const path = `${base}/${device.client}`
  const before = Number(onScreen(Specimen, live, path).value ?? 0)
  const counter =
    line === null ? device.record.counter('parts') : device.record.list('lines').counter(line.id, 'used')
  return {
    text: `counts ${amount} in ${base}`,
    intended: [{ path, value: before + amount, shown: 'value' }],
    run: () => counter.add(amount),
  }
}

/** Entries of a log under an id that tells their content, as a scanner's would: some arrive twice. */
const scan: Planner = (device, world) => {
  const item = world.random.pick(['bolt', 'nut'])
  const quantity = world.random.below(2)
  const id = world.random.chance(0.5) ? `${device.person.id} ${item} ${quantity}` : world.newEntryId()
  return {
    text: `scans ${quantity} ${item} as ${id}`,
    intended: [{ path: `scans/${escaped(id)}`, value: { item, quantity }, shown: 'value' }],
    run: () => {
      device.record.log('scans').add({ item, quantity }, { id })
    },
  }
}

const addLine: Planner = (device, world, live) => {
  const { random } = world
  const id = random.chance(0.3) ? random.pick(SHARED_ENTRIES) : world.newEntryId()
  const others = device.record.view.lines.filter(line => line.id !== id).map(line => line.id)
  const at = random.below(others.length + 1)
  const path = `lines/${id}`
  const name = `line ${random.below(5)}`
  const wasRemoved = isRemoved(live, path)
  return {
    text: `adds line ${id} at ${at}`,
    intended: [
      { path: `${path}/$created`, value: true, shown: 'value' },
      { path: `${path}/name`, value: name, shown: 'value' },
      ...(wasRemoved ? [{ path, value: null, shown: 'all' as const }] : []),
    ],
    run: () => {
      device.record.list('lines').add({ name }, { id, at })
      const order = device.record.view.lines.map(line => line.id)
      if (!isEqual(order, others.toSpliced(at, 0, id)))
        throw new Error(`${id} stands in ${order.join(' ')}, not at ${at}`)
    },
  }
}

const moveLine: Planner = (device, world) => {
  const line = entryOf(world, device, 'lines')
  if (line === null) return null
  const others = device.record.view.lines.filter(({ id }) => id !== line.id).map(({ id }) => id)
  const at = world.random.below(others.length + 1)
  if (device.record.view.lines.findIndex(({ id }) => id === line.id) === at) return null
  return {
    text: `moves line ${line.id} to ${at}`,
    intended: [],
    run: () => {
      device.record.list('lines').move(line.id, at)
      const order = device.record.view.lines.map(({ id }) => id)
      if (!isEqual(order, others.toSpliced(at, 0, line.id)))
        throw new Error(`${line.id} stands in ${order.join(' ')}, not at ${at}`)
    },
  }
}

const setLine: Planner = (device, world) => {
  const line = entryOf(world, device, 'lines')
  if (line === null) return null
  const part = world.random.pick(['name', 'done', 'level', 'worker'] as const)
  const value = valueFor(part, world, device)
  return {
    text: `sets ${part} of line ${line.id} to ${JSON.stringify(value)}`,
    intended: [{ path: `lines/${line.id}/${part}`, value, shown: 'value' }],
    // Which part goes with which value is the simulator's own table above.
    run: () => device.record.list('lines').set(line.id, { [part]: value } as { name: string }),
  }
}

const removeLine: Planner = (device, world) => {
  const line = entryOf(world, device, 'lines')
  if (line === null) return null
  return {
    text: `removes line ${line.id}`,
    intended: [{ path: `lines/${line.id}`, value: TOMBSTONE, shown: 'all' }],
    run: () => device.record.list('lines').remove(line.id),
  }
}

/** Of an entry that was edited while it was removed: it stays removed after all, or it comes back. */
const decideRemoval: Planner = (device, world, live) => {
  const open = openQuestions(Specimen, live, world.ledger).filter(
    ({ kind, path }) => kind === 'edited while removed' && path.startsWith('lines/'),
  )
  if (open.length === 0) return null
  const { path } = world.random.pick(open)
  return world.random.chance(0.5)
    ? {
        text: `leaves ${path} removed`,
        intended: [{ path, value: TOMBSTONE, shown: 'all' }],
        run: () => device.record.list('lines').remove(path.slice('lines/'.length)),
      }
    : {
        text: `restores ${path}`,
        intended: [{ path, value: null, shown: 'all' }],
        run: () => device.record.restore(path),
      }
}

const comment: Planner = (device, world) => {
  const own = device.record.view.comments.filter(({ by }) => by === device.person.id)
  const body = `words ${world.random.below(100)}`
  const mentions = [world.random.pick(USERS)]
  if (own.length > 0 && world.random.chance(0.4)) {
    const { id } = world.random.pick(own)
    return {
      text: `rewrites comment ${id}`,
      intended: [{ path: `comments/${id}/body`, value: body, shown: 'value' }],
      run: () => device.record.list('comments').set(id, { body }),
    }
  }
  const others = device.record.view.comments.filter(({ by }) => by !== device.person.id)
  if (others.length > 0 && world.random.chance(0.1)) {
    const { id } = world.random.pick(others)
    return {
      text: `tries to rewrite somebody else's comment ${id}`,
      intended: [],
      run: () => device.record.list('comments').set(id, { body }),
      refused: isRemoved(device.live, '') ? 'REMOVED' : 'NOT_PERMITTED',
    }
  }
  const id = world.newEntryId()
  return {
    text: `comments as ${id}`,
    intended: [
      { path: `comments/${id}/$created`, value: true, shown: 'value' },
      { path: `comments/${id}/body`, value: body, shown: 'value' },
      ...mentions.map(user => ({
        path: `comments/${id}/mentions/${user}`,
        value: true,
        shown: 'value' as const,
      })),
    ],
    run: () => {
      device.record.list('comments').add({ body, mentions }, { id })
    },
  }
}

const PLANS: readonly Planner[] = [
  setField,
  setField,
  setField,
  setSeveral,
  setWrong,
  settleConflict,
  settleConflict,
  changeSet,
  count,
  scan,
  addLine,
  addLine,
  moveLine,
  setLine,
  setLine,
  removeLine,
  decideRemoval,
  comment,
  (device, { random }, live) =>
    random.chance(0.3) && !isRemoved(live, '') ? removeRecord(device.record) : null,
]
