import { type Limits, parseLimits } from './access/limits.ts'
import { networkProblem } from './access/client-address.ts'
import { originProblem } from './access/origin.ts'

/**
 * Every setting of `corecord serve`, once: its flag, its variable, its default, what it is for. The command's
 * options, the reading of the environment and the table of docs/settings.md all follow from here. A flag beats a
 * variable, a variable beats the default.
 */
export interface Setting<Value> {
  readonly group: SettingGroup
  readonly flag: string
  readonly env: string
  /** As a person would write it; null: nothing. */
  readonly fallback: string | null
  readonly about: string
  /** Never shown, in a log or an error. */
  readonly isSecret?: true
  parse(text: string): Parsed<Value>
  /** What stands for the setting when neither flag, variable nor default gives it. */
  readonly absent: Value
}

export type SettingGroup = 'Where' | 'Records' | 'Who may come in' | 'Limits' | 'Deliveries' | 'Running'

type Parsed<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly problem: string }

const asText = (text: string): Parsed<string | null> => ok(text)
const asFlag = (text: string): Parsed<boolean> => {
  if (['', '1', 'true', 'yes', 'on'].includes(text.toLowerCase())) return ok(true)
  if (['0', 'false', 'no', 'off'].includes(text.toLowerCase())) return ok(false)
  return problem(`must be true or false, not «${text}».`)
}
const asNumber =
  (least: number, most: number) =>
  (text: string): Parsed<number> => {
    const value = Number(text)
    return /^\d+$/.test(text) && value >= least && value <= most
      ? ok(value)
      : problem(`must be a whole number from ${least} to ${most}, not «${text}».`)
  }
const asUrl =
  (...protocols: string[]) =>
  (text: string): Parsed<URL | null> =>
    URL.canParse(text) && protocols.includes(new URL(text).protocol)
      ? ok(new URL(text))
      : problem(`must be a URL that begins with ${protocols.map(each => `${each}//`).join(' or ')}.`)
const asList =
  (problemOf: (entry: string) => string | null) =>
  (text: string): Parsed<readonly string[]> => {
    const entries = text
      .split(',')
      .map(entry => entry.trim())
      .filter(entry => entry !== '')
    const wrong = entries.map(problemOf).find(found => found !== null)
    return wrong === undefined || wrong === null ? ok(entries) : problem(wrong)
  }
const asOneOf =
  <const Word extends string>(...words: readonly Word[]) =>
  (text: string): Parsed<Word> => {
    const found = words.find(word => word === text)
    return found === undefined ? problem(`must be one of ${words.join(', ')}, not «${text}».`) : ok(found)
  }

function setting<Value>(given: Setting<Value>): Setting<Value> {
  return given
}

const optional = { fallback: null, absent: null, parse: asText } as const
const off = { fallback: null, absent: false, parse: asFlag } as const
const noEntries: readonly string[] = []
/** Lively, and there within a second. */
const demoSize = 600
/** More than so many would be a load test. */
const COLLEAGUES_MAX = 50

export const settings = {
  port: setting({
    group: 'Where',
    flag: '-p, --port <number>',
    env: 'CORECORD_PORT',
    fallback: '8080',
    about: 'port to listen on; 0 takes any free one',
    parse: asNumber(0, 65_535),
    absent: 8080,
  }),
  host: setting({
    group: 'Where',
    flag: '--host <address>',
    env: 'CORECORD_HOST',
    fallback: '127.0.0.1',
    about: 'address to listen on; 0.0.0.0 for every network',
    parse: (text: string) => ok(text),
    absent: '127.0.0.1',
  }),
  data: setting({
    group: 'Where',
    flag: '--data <folder>',
    env: 'CORECORD_DATA',
    fallback: './data',
    about: 'folder that holds everything: records, history, blobs',
    parse: (text: string) => ok(text),
    absent: './data',
  }),
  publicUrl: setting({
    ...optional,
    group: 'Where',
    flag: '--public-url <url>',
    env: 'CORECORD_PUBLIC_URL',
    about: 'address people reach this server by, for links in e-mails',
    parse: asUrl('https:', 'http:'),
  }),
  app: setting({
    ...optional,
    group: 'Where',
    flag: '--app <folder>',
    env: 'CORECORD_APP',
    about: "folder of a built web app to serve; the default is corecord's own, «none» serves none",
  }),
  records: setting({
    ...optional,
    group: 'Records',
    flag: '--records <file>',
    env: 'CORECORD_RECORDS',
    about: 'module whose exports are your record types; the default is those of the five workspaces',
  }),
  untyped: setting({
    ...off,
    group: 'Records',
    flag: '--untyped',
    env: 'CORECORD_UNTYPED',
    about: 'let any other room name be a free Yjs room without a schema',
  }),
  /** How many records an empty store is filled with; 0: this is no demo. */
  demo: setting<number>({
    group: 'Records',
    flag: '--demo [records]',
    env: 'CORECORD_DEMO',
    fallback: null,
    absent: 0,
    about: `fill an empty store with examples (${demoSize} records) and let anybody try it as one of the demo people`,
    parse(text) {
      const flag = asFlag(text)
      if (text.length > 1 && flag.ok) return ok(flag.value ? demoSize : 0)
      return asNumber(0, 10_000_000)(text)
    },
  }),
  colleagues: setting<number>({
    group: 'Records',
    flag: '--colleagues <n>',
    env: 'CORECORD_COLLEAGUES',
    fallback: '0',
    absent: 0,
    about: `with --demo: so many simulated colleagues work in the background, ${COLLEAGUES_MAX} at most`,
    parse: asNumber(0, COLLEAGUES_MAX),
  }),
  secret: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--secret <text>',
    env: 'CORECORD_SECRET',
    about: 'secret shared with who mints the tokens (HS256); better given as the variable than as the flag',
    isSecret: true,
  }),
  secretFile: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--secret-file <file>',
    env: 'CORECORD_SECRET_FILE',
    about: 'file that holds the secret',
  }),
  previousSecret: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--previous-secret <text>',
    env: 'CORECORD_PREVIOUS_SECRET',
    about: 'the secret before that one: tokens that it signed are taken as well, while they last',
    isSecret: true,
  }),
  previousSecretFile: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--previous-secret-file <file>',
    env: 'CORECORD_PREVIOUS_SECRET_FILE',
    about: 'file that holds the secret before that one',
  }),
  publicKey: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--public-key <file>',
    env: 'CORECORD_PUBLIC_KEY',
    about: 'PEM file of the public key or certificate that tokens are signed for (RSA, EC, Ed25519)',
  }),
  jwks: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--jwks <url>',
    env: 'CORECORD_JWKS',
    about: "URL of your identity provider's key set",
    parse: asUrl('https:', 'http:'),
  }),
  issuer: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--issuer <text>',
    env: 'CORECORD_ISSUER',
    about: 'take only tokens with this «iss»',
  }),
  audience: setting({
    ...optional,
    group: 'Who may come in',
    flag: '--audience <text>',
    env: 'CORECORD_AUDIENCE',
    about: 'take only tokens with this «aud»',
  }),
  rolesClaim: setting({
    group: 'Who may come in',
    flag: '--roles-claim <path>',
    env: 'CORECORD_ROLES_CLAIM',
    fallback: 'roles',
    about: 'claim that holds the roles, such as realm_access.roles',
    parse: (text: string) => ok(text),
    absent: 'roles',
  }),
  clockTolerance: setting({
    group: 'Who may come in',
    flag: '--clock-tolerance <seconds>',
    env: 'CORECORD_CLOCK_TOLERANCE',
    fallback: '30',
    about: "how far the token minter's clock may be off",
    parse: asNumber(0, 3_600),
    absent: 30,
  }),
  anonymous: setting({
    ...off,
    group: 'Who may come in',
    flag: '--anonymous',
    env: 'CORECORD_ANONYMOUS',
    about: 'let people in without a token, for trying things out',
  }),
  corsOrigin: setting({
    group: 'Who may come in',
    flag: '--cors-origin <list>',
    env: 'CORECORD_CORS_ORIGIN',
    fallback: null,
    about:
      'origins whose pages may use this server besides its own, such as https://app.example.com; * for all',
    parse: asList(originProblem),
    absent: noEntries,
  }),
  trustProxy: setting({
    group: 'Who may come in',
    flag: '--trust-proxy <list>',
    env: 'CORECORD_TRUST_PROXY',
    fallback: null,
    about: 'proxies whose X-Forwarded-For counts: addresses, networks, loopback, private',
    parse: asList(networkProblem),
    absent: noEntries,
  }),
  limits: setting<Limits>({
    group: 'Limits',
    flag: '--limits <list>',
    env: 'CORECORD_LIMITS',
    fallback: 'default',
    about: 'limits to set, such as updatesPerSecond=500,cellBytes=128k; none lifts those of rate and number',
    parse: text => {
      const parsed = parseLimits(text)
      return parsed.ok ? ok(parsed.limits) : parsed
    },
    absent: parsedDefaultLimits(),
  }),
  smtp: setting({
    ...optional,
    group: 'Deliveries',
    flag: '--smtp <url>',
    env: 'CORECORD_SMTP',
    about: 'mail server for critical notifications, such as smtps://user:password@mail.example.com',
    isSecret: true,
    parse: asUrl('smtp:', 'smtps:'),
  }),
  mailFrom: setting({
    ...optional,
    group: 'Deliveries',
    flag: '--mail-from <address>',
    env: 'CORECORD_MAIL_FROM',
    about: 'sender of those e-mails',
  }),
  vapidPublicKey: setting({
    ...optional,
    group: 'Deliveries',
    flag: '--vapid-public-key <key>',
    env: 'CORECORD_VAPID_PUBLIC_KEY',
    about: 'public VAPID key for browser push; without it one is made and kept in the data folder',
  }),
  vapidPrivateKey: setting({
    ...optional,
    group: 'Deliveries',
    flag: '--vapid-private-key <key>',
    env: 'CORECORD_VAPID_PRIVATE_KEY',
    about: 'private VAPID key',
    isSecret: true,
  }),
  vapidSubject: setting({
    ...optional,
    group: 'Deliveries',
    flag: '--vapid-subject <contact>',
    env: 'CORECORD_VAPID_SUBJECT',
    about: 'mailto: or https: contact that push services may write to',
  }),
  webhooks: setting({
    ...optional,
    group: 'Deliveries',
    flag: '--webhooks <file>',
    env: 'CORECORD_WEBHOOKS',
    about: 'JSON file of webhooks to deliver events to: [{url, secret, types?, as?, note?}]',
  }),
  eventsKeptDays: setting<number | null>({
    group: 'Deliveries',
    flag: '--events-kept-days <number>',
    env: 'CORECORD_EVENTS_KEPT_DAYS',
    fallback: null,
    about: 'fold events and history away after so many days; the default keeps them for ever',
    parse: asNumber(1, 36_500),
    absent: null,
  }),
  compressAbove: setting({
    group: 'Running',
    flag: '--compress-above <bytes>',
    env: 'CORECORD_COMPRESS_ABOVE',
    fallback: '1024',
    about: 'compress answers and messages larger than this; 0 compresses nothing',
    parse: asNumber(0, 1_000_000_000),
    absent: 1024,
  }),
  metricsToken: setting({
    ...optional,
    group: 'Running',
    flag: '--metrics-token <text>',
    env: 'CORECORD_METRICS_TOKEN',
    about: 'bearer token that /metrics asks for; without it, whoever reaches the server may read them',
    isSecret: true,
  }),
  drainSeconds: setting({
    group: 'Running',
    flag: '--drain-seconds <number>',
    env: 'CORECORD_DRAIN_SECONDS',
    fallback: '8',
    about: 'how long a stop may take to commit and say goodbye before it is forced',
    parse: asNumber(1, 300),
    absent: 8,
  }),
  logFormat: setting({
    group: 'Running',
    flag: '--log-format <format>',
    env: 'CORECORD_LOG_FORMAT',
    fallback: 'auto',
    about: 'json, text, or auto: text at a terminal',
    parse: asOneOf('auto', 'json', 'text'),
    absent: 'auto',
  }),
  logLevel: setting({
    group: 'Running',
    flag: '--log-level <level>',
    env: 'CORECORD_LOG_LEVEL',
    fallback: 'info',
    about: 'trace, debug, info, warn, error, fatal or silent',
    parse: asOneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    absent: 'info',
  }),
} satisfies Record<string, Setting<never> | Setting<unknown>>

export type SettingName = keyof typeof settings
export type Config = { readonly [Name in SettingName]: (typeof settings)[Name]['absent'] }

export const settingNames = Object.keys(settings).filter(isSettingName)

function isSettingName(name: string): name is SettingName {
  return Object.hasOwn(settings, name)
}

/**
 * Variables that begin as ours and are none: one letter amiss, and the default counts in silence. A token is the
 * commands’; what Kubernetes says of a service named corecord is nobody’s.
 */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = new Set<string>([...settingNames.map(name => settings[name].env), 'CORECORD_TOKEN'])
  return Object.keys(environment).filter(
    name => name.startsWith('CORECORD_') && !/^CORECORD_(?:SERVICE|PORT)_/.test(name) && !known.has(name),
  )
}

export type ConfigResult =
  | { readonly ok: true; readonly config: Config }
  | { readonly ok: false; readonly problems: readonly string[] }

/** `flags` holds what the command line gave, by setting name; a flag without a value is `true`. */
export function readConfig(
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigResult {
  const problems: string[] = []
  const entries = settingNames.map(name => {
    const { text, from } = givenText(name, flags, environment)
    const { absent, parse, isSecret }: Setting<unknown> = settings[name]
    if (text === null) return [name, absent]
    // Of a shell variable that nobody has set: as a host that would be every network.
    if (text === '') {
      problems.push(`${from} is empty: give it a value, or leave it out.`)
      return [name, absent]
    }
    const parsed = parse(text)
    if (parsed.ok) return [name, parsed.value]
    problems.push(`${from} ${isSecret === true ? parsed.problem.replaceAll(text, '…') : parsed.problem}`)
    return [name, absent]
  })
  if (problems.length > 0) return { ok: false, problems }
  // One entry for each name of the table, which the type of `fromEntries` cannot say.
  return { ok: true, config: Object.fromEntries(entries) as Config }
}

function givenText(
  name: SettingName,
  flags: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): { text: string | null; from: string } {
  const { flag, env, fallback }: Setting<unknown> = settings[name]
  const given = flags[name]
  if (given !== undefined) return { text: given === true ? 'true' : String(given), from: longFlag(flag) }
  const text = environment[env]
  // An empty variable is how compose files say «not set»; by the other Kubernetes tells of a service named corecord.
  if (text !== undefined && text !== '' && !(name === 'port' && text.startsWith('tcp://')))
    return { text, from: env }
  return { text: fallback, from: longFlag(flag) }
}

function longFlag(flag: string): string {
  return flag.split(' ').find(word => word.startsWith('--')) ?? flag
}

function parsedDefaultLimits(): Limits {
  const parsed = parseLimits('default')
  if (!parsed.ok) throw new Error(parsed.problem)
  return parsed.limits
}

function ok<Value>(value: Value): Parsed<Value> {
  return { ok: true, value }
}

function problem(sentence: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem: sentence }
}
