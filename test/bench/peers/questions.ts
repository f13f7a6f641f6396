// What is asked of each server, and how well corecord has to do. Ratios within one run are what counts: absolute
// times belong to the machine.

export type ServerName = 'corecord' | 'raw' | 'yws' | 'yws-ldb' | 'hocuspocus'

/** What the generator printed of one run. */
export type Result = { readonly [key: string]: unknown }
export type Values = { readonly [name in ServerName]?: number | null }

export interface Question {
  readonly id: string
  readonly scenario: string
  /** What corecord is asked instead: the same of a typed record, or of its link. */
  readonly ownScenario?: OwnScenario
  /** Nobody else has what is asked about. */
  readonly isOwn?: boolean
  readonly set?: readonly string[]
  /** Left out of `--quick`. */
  readonly isLong?: boolean
  /** Bytes, or a count that must be nought: asked once, because another run gives the same. */
  readonly isSteady?: boolean
  /** The relay has no document: what is read of it is noise, and nobody to be ahead of. */
  readonly isOfDocs?: boolean
  readonly title: string
  readonly unit: string
  readonly better: 'higher' | 'lower'
  readonly read: (result: Result) => number | null
  readonly aim: string
  /** The aim as a multiple of what a peer had on the machine on which it was set. */
  readonly aimBeside?: { readonly peer: ServerName; readonly times: number }
  readonly isMet: (values: Values) => boolean
}

export const ownScenarios = [
  'typed-fanout',
  'typed-overwrites',
  'typed-sessions',
  'link-joins',
  'link-cold',
] as const
export type OwnScenario = (typeof ownScenarios)[number]

/** Shorter runs for `--quick`. */
export const quickSettings: { readonly [scenario: string]: readonly string[] } = {
  fanout: ['fullS=2', 'moderateS=2', 'maxFull=150000'],
  'typed-fanout': ['fullS=2'],
  presence: ['seconds=3', 'warmS=1'],
}

const at =
  (...path: readonly string[]) =>
  (result: Result): number | null => {
    let value: unknown = result
    for (const key of path)
      value = typeof value === 'object' && value !== null ? (value as Result)[key] : undefined
    return typeof value === 'number' ? value : null
  }

const ours =
  (holds: (own: number, values: Values) => boolean) =>
  (values: Values): boolean =>
    values.corecord !== undefined && values.corecord !== null && holds(values.corecord, values)

const of = (values: Values, name: ServerName): number => values[name] ?? Number.NaN

export const questions: readonly Question[] = [
  {
    id: 'fanout',
    scenario: 'fanout',
    title: '50 clients, one writer at full speed',
    unit: 'deliveries/s',
    better: 'higher',
    read: at('full', 'deliveries_per_s'),
    aim: '≥ 4 × Hocuspocus',
    isMet: ours((own, values) => own >= 4 * of(values, 'hocuspocus')),
  },
  {
    id: 'fanout-p50',
    scenario: 'fanout',
    title: 'the same at 200 updates/s, p50',
    unit: 'ms',
    better: 'lower',
    read: at('moderate', 'p50_ms'),
    aim: '≤ 1.5',
    aimBeside: { peer: 'raw', times: 1.5 / 0.46 },
    isMet: ours(own => own <= 1.5),
  },
  {
    id: 'fanout-p99',
    scenario: 'fanout',
    title: 'the same at 200 updates/s, p99',
    unit: 'ms',
    better: 'lower',
    read: at('moderate', 'p99_ms'),
    aim: '≤ 5',
    aimBeside: { peer: 'raw', times: 5 / 2.5 },
    isMet: ours(own => own <= 5),
  },
  {
    id: 'fanout-typed',
    scenario: 'fanout',
    ownScenario: 'typed-fanout',
    title: 'one writer at full speed, of a typed record (guard, row, event)',
    unit: 'deliveries/s',
    better: 'higher',
    read: at('full', 'deliveries_per_s'),
    aim: '≥ 2 × Hocuspocus (untyped)',
    isMet: ours((own, values) => own >= 2 * of(values, 'hocuspocus')),
  },
  {
    id: 'many-rooms-p50',
    scenario: 'many-rooms',
    title: '500 rooms × 2 clients, 1,000 edits/s, p50',
    unit: 'ms',
    better: 'lower',
    isLong: true,
    read: at('p50_ms'),
    aim: '≤ 1.2',
    isMet: ours(own => own <= 1.2),
  },
  {
    id: 'many-rooms-p99',
    scenario: 'many-rooms',
    title: 'the same, p99',
    unit: 'ms',
    better: 'lower',
    isLong: true,
    read: at('p99_ms'),
    aim: '≤ 6',
    isMet: ours(own => own <= 6),
  },
  {
    id: 'many-rooms-cpu',
    scenario: 'many-rooms',
    title: 'the same, server CPU',
    unit: '%',
    better: 'lower',
    isLong: true,
    read: at('server_cpu_pct'),
    aim: '≤ 20',
    aimBeside: { peer: 'raw', times: 20 / 6 },
    isMet: ours(own => own <= 20),
  },
  {
    id: 'joins',
    scenario: 'connect-storm',
    title: '2,000 clients join 200 rooms',
    unit: 'clients/s',
    better: 'higher',
    read: at('conns_per_s'),
    aim: '≥ 0.85 × raw',
    isMet: ours((own, values) => own >= 0.85 * of(values, 'raw')),
  },
  {
    id: 'joins-link',
    scenario: 'link-joins',
    ownScenario: 'link-joins',
    isOwn: true,
    title: '100 links open 200 rooms each',
    unit: 'channels/s',
    better: 'higher',
    isLong: true,
    read: at('channels_per_s'),
    aim: '≥ 20,000',
    isMet: ours(own => own >= 20_000),
  },
  {
    id: 'cold-one',
    scenario: 'cold-load',
    title: '2,000 stored docs after a restart, one by one',
    unit: 'docs/s',
    better: 'higher',
    isLong: true,
    read: at('sequential', 'docs_per_s'),
    aim: '≥ 1,500',
    aimBeside: { peer: 'hocuspocus', times: 1500 / 550 },
    isMet: ours(own => own >= 1500),
  },
  {
    id: 'cold-sixteen',
    scenario: 'cold-load',
    title: 'the same, 16 at a time',
    unit: 'docs/s',
    better: 'higher',
    isLong: true,
    read: at('parallel16', 'docs_per_s'),
    aim: '≥ 2,500',
    aimBeside: { peer: 'hocuspocus', times: 2500 / 733 },
    isMet: ours(own => own >= 2500),
  },
  {
    id: 'cold-link',
    scenario: 'link-cold',
    ownScenario: 'link-cold',
    isOwn: true,
    title: 'the same, all on one link',
    unit: 'docs/s',
    better: 'higher',
    isLong: true,
    read: at('docs_per_s'),
    aim: '≥ 10,000',
    isMet: ours(own => own >= 10_000),
  },
  {
    id: 'big-ingest',
    scenario: 'big-doc',
    title: 'a doc of 100,000 operations: ingest',
    unit: 'updates/s',
    better: 'higher',
    isLong: true,
    read: at('ingest_updates_per_s'),
    aim: '≥ 20,000',
    isMet: ours(own => own >= 20_000),
  },
  {
    id: 'big-warm',
    scenario: 'big-doc',
    title: 'the same: join while warm',
    unit: 'ms',
    better: 'lower',
    isLong: true,
    read: at('sync', 'p50_ms'),
    aim: '≤ 30',
    isMet: ours(own => own <= 30),
  },
  {
    id: 'big-cold',
    scenario: 'big-doc',
    title: 'the same: first join after a restart',
    unit: 'ms',
    better: 'lower',
    isLong: true,
    read: at('cold_sync_ms'),
    aim: '≤ 60',
    isMet: ours(own => own <= 60),
  },
  {
    id: 'overwrites',
    scenario: 'long-lived',
    ownScenario: 'typed-overwrites',
    title: '20,000 overwrites of 20 fields by two people: a new client downloads',
    unit: 'bytes',
    better: 'lower',
    isLong: true,
    isSteady: true,
    read: at('client_download_bytes'),
    aim: '≤ 2,000 (typed record)',
    isMet: ours(own => own <= 2000),
  },
  {
    id: 'idle-connection',
    scenario: 'idle',
    title: 'heap of an idle connection',
    unit: 'KB',
    better: 'lower',
    isLong: true,
    isSteady: true,
    read: at('used_kb_per_conn'),
    aim: '≤ 4',
    isMet: ours(own => own <= 4),
  },
  {
    id: 'idle-doc',
    scenario: 'idle',
    title: 'heap of a doc that nobody edits',
    unit: 'KB',
    better: 'lower',
    isLong: true,
    isSteady: true,
    isOfDocs: true,
    read: at('used_kb_per_doc'),
    aim: '≤ 2',
    isMet: ours(own => own <= 2),
  },
  ...[
    { viewers: 500, p95: 30, cpu: 35 },
    { viewers: 1000, p95: 50 },
    { viewers: 2000, p95: 100, cpu: 60 },
  ].flatMap(({ viewers, p95, cpu }): Question[] => {
    const presence = { scenario: 'presence', set: [`viewers=${viewers}`], better: 'lower' } as const
    const latency: Question = {
      ...presence,
      id: `presence-${viewers}`,
      title: `presence: ${viewers} viewers, each moving once a second, p95`,
      unit: 'ms',
      isLong: viewers > 500,
      read: at('p95_ms'),
      aim: `≤ ${p95}`,
      isMet: ours(own => own <= p95),
    }
    if (cpu === undefined) return [latency]
    const load: Question = {
      ...presence,
      id: `presence-${viewers}-cpu`,
      title: `presence: ${viewers} viewers, server CPU`,
      unit: '%',
      isLong: true,
      read: at('server_cpu_pct'),
      aim: `≤ ${cpu}`,
      isMet: ours(own => own <= cpu),
    }
    return [latency, load]
  }),
  {
    id: 'sessions',
    scenario: 'typed-sessions',
    ownScenario: 'typed-sessions',
    isOwn: true,
    title: 'an update to a record that 1,000 tab sessions wrote, against one that 10 wrote: server CPU',
    unit: '×',
    better: 'lower',
    isLong: true,
    read: at('times'),
    aim: '≤ 2',
    isMet: ours(own => own <= 2),
  },
  {
    id: 'lost',
    scenario: 'durability',
    title: 'five kill -9 under load: lost updates that others had seen',
    unit: '',
    better: 'lower',
    isLong: true,
    isSteady: true,
    read: at('lost_seen_total'),
    aim: '0',
    isMet: ours(own => own === 0),
  },
]
