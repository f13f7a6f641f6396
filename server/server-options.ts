import type { Server as HttpServer } from 'node:http'
import { resolve } from 'node:path'
import { type Logger, pino } from 'pino'
import { assertRecordTypes } from '../shared/record/assert-declaration.ts'
import type { RecordType } from '../shared/record/record-type.ts'
import { reasonOf } from '../shared/reason-of.ts'
import { assertKnownNames } from '../shared/known-names.ts'
import { isObject } from '../shared/is-object.ts'
import type { AccessOptions } from './access/access.ts'
import { originProblem } from './access/origin.ts'
import { defaultLimits, isLimitName, type Limits, unknownLimit } from './access/limits.ts'
import type { NotificationOptions } from './inbox/channels.ts'
import { vapidProblem } from './inbox/vapid.ts'
import { withInbox } from './inbox/inbox.ts'
import { parseWebhooks } from './event/webhook-wish.ts'
import type { FileWebhook } from './event/webhooks.ts'
import type { Store } from './store/store.ts'
import { version } from './version.ts'

export interface ServerOptions extends AccessOptions {
  records: readonly RecordType[]
  /** Any other room name is a free document without a schema. */
  untyped?: boolean
  /** Gives whoever asks a token of one of the demo's people. */
  demo?: boolean
  /** Folder that holds everything. */
  dataFolder: string
  /** Another store than LevelDB in the data folder. It is opened and closed by the server. */
  store?: Store

  /** Listens on this one's port and takes only its own addresses; whatever else it serves goes on. */
  server?: HttpServer
  port?: number
  host?: string
  /** Folder of a built web app to serve at `/`. */
  appFolder?: string | null

  /** After so many days events are folded away; left out, they are kept for ever. */
  eventsKeptDays?: number | null
  /** Besides those that operators have set up. What was given at an earlier start and is not now is paused. */
  webhooks?: readonly FileWebhook[] | null

  limits?: Partial<Limits>
  /** How people are told outside the app: push, mail. */
  notifications?: NotificationOptions
  compressAboveBytes?: number
  metricsToken?: string
  drainMs?: number
  logger?: Logger
  version?: string
  now?: () => number
}

/** The options with what stands where nothing is said. */
export interface Resolved {
  readonly recordTypes: readonly RecordType[]
  readonly untyped: boolean
  readonly dataFolder: string
  readonly port: number
  readonly host: string
  readonly appFolder: string | null
  readonly eventsKeptMs: number | null
  readonly webhooks: readonly FileWebhook[] | null
  readonly limits: Limits
  readonly notifications: NotificationOptions
  readonly compressAboveBytes: number
  readonly metricsToken: string | null
  readonly drainMs: number
  readonly logger: Logger
  readonly version: string
  readonly now: () => number
}

/** What waits to be written for as long as the disk has no room for it. */
const UNWRITTEN_CHARS_MAX = 1 << 20

/** One for all servers of the process, at whose end it listens. */
let ownLogger: Logger | null = null

/**
 * A log that there is no room for, or that nobody reads, ends no server. Written at once: what waits, pino would try to
 * write at the end of the process for as long as there is no room.
 */
function loggerOfOurs(): Logger {
  if (ownLogger === null) {
    const out = pino.destination({ dest: 1, sync: true, maxLength: UNWRITTEN_CHARS_MAX })
    out.on('error', () => {})
    ownLogger = pino({ level: 'warn' }, out)
  }
  return ownLogger
}

export function resolveOptions(options: ServerOptions): Resolved {
  assertOptions(options)
  assertRecordTypes(options.records)
  const logger = options.logger ?? loggerOfOurs()
  if (options.secret !== undefined && options.secret.length < 32)
    logger.warn('the secret is shorter than 32 characters: whoever has one token can guess it')
  const limits = limitsOf(options.limits)
  const tooLong = textsBeyond(limits.textLength, options.records)
  if (tooLong.length > 0)
    logger.warn(
      { fields: tooLong, textLength: limits.textLength },
      'texts may be longer by their types than by the limit, which counts: raise the limit textLength, or lower max',
    )
  return {
    recordTypes: withInbox(options.records),
    untyped: options.untyped ?? false,
    dataFolder: options.dataFolder,
    port: options.port ?? 8080,
    host: options.host ?? '127.0.0.1',
    appFolder: options.appFolder == null ? null : resolve(options.appFolder),
    eventsKeptMs: options.eventsKeptDays == null ? null : options.eventsKeptDays * DAY_MS,
    webhooks: options.webhooks == null ? null : webhooksOf(options.webhooks, options.records),
    limits,
    notifications: options.notifications ?? {},
    compressAboveBytes: options.compressAboveBytes ?? 1024,
    metricsToken: options.metricsToken ?? null,
    drainMs: options.drainMs ?? 8_000,
    logger,
    version: options.version ?? version,
    now: options.now ?? Date.now,
  }
}

const textsBeyond = (textLength: number, types: readonly RecordType[]): string[] =>
  types.flatMap(({ name, fields }) =>
    Object.entries(fields)
      .filter(([, field]) => field.kind === 'text' && field.charsMax > textLength)
      .map(([field]) => `${name}.${field}`),
  )

const webhooksOf = (
  webhooks: readonly FileWebhook[],
  records: readonly RecordType[],
): readonly FileWebhook[] => {
  try {
    return parseWebhooks(webhooks, new Set(records.map(({ name }) => name)))
  } catch (error) {
    throw new TypeError(`createServer: webhooks: ${reasonOf(error)}`)
  }
}

/** One that is given as undefined is one that is not given, as with every other option. */
const limitsOf = (given: Partial<Limits> = {}): Limits => ({
  ...defaultLimits,
  ...Object.fromEntries(Object.entries(given).filter(([, limit]) => limit !== undefined)),
})

const DAY_MS = 86_400_000

const kinds = {
  text: { sentence: 'is a text', is: value => typeof value === 'string' },
  name: { sentence: 'is a text that is not empty', is: value => typeof value === 'string' && value !== '' },
  path: { sentence: 'is a text, or null', is: value => typeof value === 'string' || value === null },
  number: { sentence: 'is a number from 0 on', is: value => value === null || isCount(value) },
  port: {
    sentence: 'is a whole number from 0 to 65535',
    is: value => isCount(value) && Number.isInteger(value) && value < 65_536,
  },
  flag: { sentence: 'is true or false', is: value => typeof value === 'boolean' },
  list: { sentence: 'is a list', is: value => value === null || Array.isArray(value) },
  function: { sentence: 'is a function', is: value => typeof value === 'function' },
  url: { sentence: 'is a URL: new URL(…)', is: value => value instanceof URL },
  object: { sentence: 'is an object', is: isObject },
  logger: {
    sentence: 'is a logger, as pino({ level }) makes one',
    is: value => isObject(value) && typeof value['child'] === 'function',
  },
  any: { sentence: '', is: () => true },
} as const satisfies Readonly<Record<string, { readonly sentence: string; is(value: unknown): boolean }>>
type Kind = keyof typeof kinds

const NOTIFICATIONS: readonly string[] = [
  'smtp',
  'mailFrom',
  'publicUrl',
  'vapid',
  'vapidSubject',
  'pushInside',
  'gatherMs',
  'retryMs',
] satisfies (keyof NotificationOptions)[]

const KNOWN: Readonly<Record<keyof ServerOptions, Kind>> = {
  records: 'any',
  untyped: 'flag',
  demo: 'flag',
  dataFolder: 'name',
  store: 'object',
  server: 'object',
  port: 'port',
  host: 'name',
  appFolder: 'path',
  eventsKeptDays: 'number',
  webhooks: 'list',
  limits: 'object',
  notifications: 'object',
  compressAboveBytes: 'number',
  metricsToken: 'text',
  drainMs: 'number',
  logger: 'logger',
  version: 'text',
  now: 'function',
  secret: 'text',
  previousSecret: 'text',
  publicKey: 'text',
  jwks: 'url',
  issuer: 'name',
  audience: 'name',
  rolesClaim: 'text',
  clockToleranceSeconds: 'number',
  anonymous: 'flag',
  corsOrigins: 'list',
  trustedProxies: 'list',
}

/** What is misspelt would be what is not set, and nobody would know until it matters. */
function assertOptions(options: ServerOptions): void {
  if (!isObject(options))
    throw new TypeError('createServer is given its options: createServer({ records, dataFolder, secret })')
  const unknown = Object.keys(options).find(name => !Object.hasOwn(KNOWN, name))
  if (unknown !== undefined)
    throw new TypeError(
      `createServer has no option «${unknown}». It has: ${Object.keys(KNOWN).sort().join(', ')}.`,
    )
  for (const [name, kind] of Object.entries(KNOWN)) {
    const problem = kindProblem(kind, Reflect.get(options, name))
    if (problem !== null) throw new TypeError(`createServer: ${name} ${problem}`)
  }
  if (options.dataFolder === undefined)
    throw new TypeError('createServer: dataFolder names the folder that holds everything')
  assertLimits(options.limits ?? {})
  assertKnownNames('createServer: notifications has no', options.notifications ?? {}, NOTIFICATIONS)
  const vapid = vapidProblem(options.notifications ?? {})
  if (vapid !== null) throw new TypeError(`createServer: notifications: ${vapid}`)
  for (const origin of options.corsOrigins ?? []) {
    const problem = typeof origin === 'string' ? originProblem(origin) : 'is a list of texts'
    if (problem !== null) throw new TypeError(`createServer: corsOrigins: ${problem}`)
  }
}

function assertLimits(limits: Partial<Limits>): void {
  for (const [name, limit] of Object.entries<unknown>({ ...limits })) {
    if (!isLimitName(name)) throw new TypeError(unknownLimit(name))
    if (limit !== undefined && !isCount(limit))
      throw new TypeError(`createServer: limits.${name} ${kinds.number.sentence}`)
  }
}

/** A promise that nobody awaited would be a secret that anybody can guess. What it is stays unsaid: it may be one. */
function kindProblem(kind: Kind, value: unknown): string | null {
  return value === undefined || kinds[kind].is(value) ? null : kinds[kind].sentence
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0
}
