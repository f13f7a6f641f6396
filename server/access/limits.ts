/**
 * Every cap of the server, once. `rate` and `number` are there against too much of something honest and can be
 * lifted for measuring (`--limits none`); `shape` is what the guard and the memory of every reader rely on, and
 * stays, though it can be set.
 */
export interface Limit {
  readonly kind: 'rate' | 'number' | 'shape'
  readonly unit: string
  readonly fallback: number
  readonly why: string
}

export const limitTable = {
  messageBytes: {
    kind: 'shape',
    unit: 'bytes',
    fallback: 8 * 1024 * 1024,
    why: 'A message is held whole in memory while it is judged; a record of 100,000 operations has 3.2 MB.',
  },
  updatesPerSecond: {
    kind: 'rate',
    unit: 'a second and connection',
    fallback: 200,
    why: 'Ten fast typists on one socket stay below 100; whoever is above is slowed, then closed with 4529.',
  },
  updateBurst: {
    kind: 'rate',
    unit: 'updates a connection',
    fallback: 2_000,
    why: 'A tablet that comes back from a day off line sends its day at once.',
  },
  messagesPerSecond: {
    kind: 'rate',
    unit: 'a second and connection',
    fallback: 2_000,
    why: 'Sync and presence questions cost little, but not nothing; a link of 1,000 channels asks 1,000 at once.',
  },
  fullStatesPerMinute: {
    kind: 'rate',
    unit: 'a minute and connection',
    fallback: 3_000,
    why: 'The whole state is the dearest answer there is; a link that opens all its channels twice stays below.',
  },
  joinsPerSecond: {
    kind: 'rate',
    unit: 'a second and connection',
    fallback: 1_000,
    why: 'Opening a record loads it; a working set of 1,000 opens within a second.',
  },
  refusalsPerMinute: {
    kind: 'rate',
    unit: 'malformed or forged messages a minute and connection',
    fallback: 20,
    why: 'Honest clients send none; a broken one is slowed and then closed before it fills the log.',
  },
  requestsPerSecond: {
    kind: 'rate',
    unit: 'HTTP requests a second and token (address, without one)',
    fallback: 200,
    why: 'A page asks for some twenty things at once; a loop gone wild shall not starve the sockets.',
  },
  requestBytes: {
    kind: 'shape',
    unit: 'bytes of JSON a request',
    fallback: 2 * 1024 * 1024,
    why: 'What one patch or one request of many operations may hold; a bordereau of 3,000 lines has 500 KB.',
  },
  operationsPerRequest: {
    kind: 'number',
    unit: 'operations a request',
    fallback: 500,
    why: 'A request stays short enough to be sent again; whoever has more sends several, or imports.',
  },
  recordsPerRequest: {
    kind: 'number',
    unit: 'records a push or pull',
    fallback: 2_000,
    why: 'A request loads its records; a working set of thousands is fetched in several.',
  },
  answerBytes: {
    kind: 'shape',
    unit: 'bytes of messages a push or pull',
    fallback: 16 * 1024 * 1024,
    why: 'An answer is held whole in memory; records that do not fit are answered with «later».',
  },
  channelsPerLink: {
    kind: 'number',
    unit: 'channels',
    fallback: 4_096,
    why: 'A manager has a few hundred records open; each channel costs about 1 KB.',
  },
  listsPerLink: {
    kind: 'number',
    unit: 'live lists',
    fallback: 500,
    why: 'A board shows some twenty; a device that keeps working sets has some hundred more.',
  },
  rowsPerList: {
    kind: 'number',
    unit: 'rows',
    fallback: 10_000,
    why: 'What a person scrolls through or a tablet keeps for off line; it is 5 MB, and goes out in one message.',
  },
  roomsPerUser: {
    kind: 'number',
    unit: 'records open at once by one person, all their devices together',
    fallback: 10_000,
    why: 'Bounds what one stolen token can make the server load.',
  },
  socketsPerAddress: {
    kind: 'number',
    unit: 'sockets',
    fallback: 500,
    why: 'An office of a hundred people with five tabs each comes from one address.',
  },
  socketsPerUser: {
    kind: 'number',
    unit: 'sockets',
    fallback: 100,
    why: 'One person has a handful of devices, and a few tabs on each. Streams over HTTP may be as many again.',
  },
  structsPerUpdate: {
    kind: 'shape',
    unit: 'structs',
    fallback: 100_000,
    why: 'The guard looks at each; 100,000 are judged in about half a second.',
  },
  cellBytes: {
    kind: 'shape',
    unit: 'bytes of JSON',
    fallback: 64 * 1024,
    why: 'A cell is copied with every sync of its record; what is larger is a text or a blob.',
  },
  cellsPerRecord: {
    kind: 'shape',
    unit: 'live cells',
    fallback: 20_000,
    why: 'A bordereau of 3,000 lines has 15,000; every reader holds them all in memory.',
  },
  recordBytes: {
    kind: 'shape',
    unit: 'bytes a record or room',
    fallback: 16 * 1024 * 1024,
    why: 'Every reader downloads and holds all of it, a phone too. In a full one what stands there can be deleted and shortened.',
  },
  removedDaysKept: {
    kind: 'shape',
    unit: 'days',
    fallback: 30,
    why: 'What an entry held that was removed longer ago goes once its record is half full; it comes back from the history alone.',
  },
  actionsKept: {
    kind: 'shape',
    unit: 'answers a record',
    fallback: 200,
    why: 'The latest answers to actions stay beside their requests, however old; what was done stays in the history.',
  },
  actionDaysKept: {
    kind: 'shape',
    unit: 'days',
    fallback: 30,
    why: 'And all of the last month, until its record is half full: a device that was away so long reads its answers. None is ever run again.',
  },
  textLength: {
    kind: 'shape',
    unit: 'characters a text field',
    fallback: 200_000,
    why: 'A hundred printed pages; an editor on a phone does not open more.',
  },
  presenceBytes: {
    kind: 'shape',
    unit: 'bytes of JSON a state',
    fallback: 4 * 1024,
    why: 'A state goes to every reader of the record at each move; a cursor and a name need 200.',
  },
  presenceStatesPerConnection: {
    kind: 'number',
    unit: 'presence states of its own that one connection has in a room',
    fallback: 4,
    why: 'A tab has one; a second and third appear while a client id changes.',
  },
  stateVectorEntries: {
    kind: 'shape',
    unit: 'entries',
    fallback: 10_000,
    why: 'A record is folded at 1,000 client ids; ten times that is no state vector of ours.',
  },
  clientIdsPerUserAndRecord: {
    kind: 'number',
    unit: 'client ids',
    fallback: 500,
    why: 'An update costs 25 µs with 10 ids in its record and 1,790 µs with 5,000. At half of it the record is folded, at three quarters also under its stock clients.',
  },
  clientIdsFold: {
    kind: 'shape',
    unit: 'client ids a record',
    fallback: 1_000,
    why: 'Beyond, a record is folded under one fresh id; twice that also closes its stock clients with 4409.',
  },
  pendingInARow: {
    kind: 'number',
    unit: 'messages',
    fallback: 20,
    why: 'Two tabs of one person race every day and heal with the next sync step; twenty times running is a loop.',
  },
  backlogBytes: {
    kind: 'shape',
    unit: 'bytes a socket',
    fallback: 4 * 1024 * 1024,
    why: 'What a socket does not read waits here; past it the backlog is dropped and resynced when it drains.',
  },
  backlogBytesMax: {
    kind: 'shape',
    unit: 'bytes a socket',
    fallback: 32 * 1024 * 1024,
    why: 'Past this not even a resync gets through, so the socket is closed and comes back.',
  },
  idleRoomBytes: {
    kind: 'shape',
    unit: 'bytes of all idle rooms together',
    fallback: 256 * 1024 * 1024,
    why: 'Rooms that nobody is in stay for whoever comes back, as long as there is room for them.',
  },
  idleRoomMs: {
    kind: 'shape',
    unit: 'milliseconds',
    fallback: 30_000,
    why: 'A reload or a lost socket comes back within it and finds its room warm.',
  },
  clockAheadMs: {
    kind: 'shape',
    unit: 'milliseconds',
    fallback: 60_000,
    why: 'A stamp further ahead would win every merge until then, so it is refused with CLOCK_AHEAD.',
  },
  helloMs: {
    kind: 'shape',
    unit: 'milliseconds',
    fallback: 30_000,
    why: 'A link that has not said hello by then holds a socket for nothing.',
  },
  heartbeatMs: {
    kind: 'shape',
    unit: 'milliseconds',
    fallback: 20_000,
    why: 'Proxies close what is silent for 60 s; two missed beats end a socket before that.',
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof limitTable
export type Limits = { readonly [Name in LimitName]: number }

export const limitNames = Object.keys(limitTable).filter(isLimitName)

export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(limitTable, name)
}

function limitsBy(value: (limit: Limit, name: LimitName) => number): Limits {
  // Every name of the table is there, which the type of `fromEntries` cannot say.
  return Object.fromEntries(limitNames.map(name => [name, value(limitTable[name], name)])) as Limits
}

export const defaultLimits: Limits = limitsBy(limit => limit.fallback)

/** Lifts what is counted over time and by number, for measuring. What the guard relies on stays. */
export const liftedLimits: Limits = limitsBy(limit => (limit.kind === 'shape' ? limit.fallback : Infinity))

export type LimitsResult =
  | { readonly ok: true; readonly limits: Limits }
  | { readonly ok: false; readonly problem: string }

/** `none`, or `updatesPerSecond=500,cellBytes=128k`, or both: `none,updatesPerSecond=500`. */
export function parseLimits(text: string): LimitsResult {
  let limits = defaultLimits
  for (const part of text.split(',').map(part => part.trim())) {
    if (part === '' || part === 'default') continue
    if (part === 'none') {
      limits = liftedLimits
      continue
    }
    const [name = '', value = ''] = part.split('=').map(side => side.trim())
    if (!isLimitName(name)) return { ok: false, problem: unknownLimit(name) }
    const number = parseAmount(value)
    if (number === null || (number === Infinity && limitTable[name].kind === 'shape')) {
      return { ok: false, problem: `${name} needs a number (${limitTable[name].unit}), not «${value}».` }
    }
    limits = { ...limits, [name]: number }
  }
  return { ok: true, limits }
}

const amountUnits: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

function parseAmount(text: string): number | null {
  if (text === 'none') return Infinity
  const [, digits, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? []
  const factor = amountUnits[unit.toLowerCase()]
  if (digits === undefined || factor === undefined) return null
  const amount = Number(digits) * factor
  return amount > 0 && Number.isSafeInteger(amount) ? amount : null
}

export function unknownLimit(name: string): string {
  const near = limitNames.find(known => known.toLowerCase() === name.toLowerCase())
  return near === undefined
    ? `There is no limit «${name}». The limits are: ${limitNames.join(', ')}.`
    : `There is no limit «${name}»; «${near}» is meant?`
}
