// What the doctor looks at, what it finds, and what it advises.

import { parseCloseReason } from '../../shared/wire/error-codes.ts'
import {
  type Answer,
  fetched,
  heldSocket,
  heldStream,
  openEventStream,
  overSocket,
  type Patient,
  reasonOf,
  sayHello,
  timeoutMs,
} from './doctor-probes.ts'
import { under } from './under.ts'

/** One thing looked at, what was found, and what to do about it. */
export interface Check {
  readonly name: string
  readonly state: 'good' | 'warning' | 'bad'
  readonly found: string
  readonly advice: string | null
}

/** The first bytes of an event stream come at once. */
const firstBytesMs = 2_000
/** More than a proxy takes that nobody has told to take more. */
const bodyBytes = 2_000_000
const clockWarningMs = 5_000
const clockBadMs = 60_000

/** From the outside in, and no further than where it stops making sense. */
export async function* examine(patient: Patient): AsyncGenerator<Check> {
  if (!URL.canParse(patient.url) || !/^https?:$/.test(new URL(patient.url).protocol)) {
    yield bad(
      'address',
      `«${patient.url}» is no address.`,
      'Write it like https://desk.example.com or http://localhost:8080.',
    )
    return
  }
  const base = new URL(patient.url)
  const health = await fetched(base, '/healthz', patient)
  if (typeof health === 'string') {
    yield bad('reachable', health, adviceFor(health, base))
    return
  }
  yield good('reachable', `answers in ${Math.round(health.tookMs)} ms`)
  yield encryption(base)
  const version = versionOf(health)
  if (version === null) {
    yield bad(
      'corecord',
      `something else answers at this address (${health.status}, ${health.type}).`,
      'A proxy or another program stands there: check the port, and that the proxy passes /healthz, /readyz, /api, /link and /sync.',
    )
    return
  }
  yield version === patient.version
    ? good('corecord', `version ${version}`)
    : warning(
        'corecord',
        `version ${version}, this command is ${patient.version}`,
        'Use the command line of the same version.',
      )
  yield await readiness(base, patient)
  if (patient.origin !== null) yield await crossOrigin(base, patient, patient.origin)
  if (patient.token !== null) yield tokenClaims(patient.token, patient.now())
  yield* link(base, patient)
  yield await stockSocket(base, patient)
  yield await bodies(base)
  if (patient.token !== null) yield await eventStream(base, patient.token)
  if (patient.holdMs > 0) yield await quiet(base, patient)
  yield await metricsExposure(base, patient)
}

const adviceByReason: readonly (readonly [RegExp, string])[] = [
  [
    /ECONNREFUSED/,
    'Nothing listens there. Is the server started, on this port, and with --host 0.0.0.0 if it is on another machine or in a container?',
  ],
  [/ENOTFOUND|EAI_AGAIN/, 'The name is not known. Check its spelling and your DNS.'],
  [
    /certificate|self.signed|CERT/i,
    'The TLS certificate is not accepted. Check its name, its date, and that the whole chain is sent.',
  ],
  [
    /no answer|TIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
    'Nobody answers. A firewall may stand between, or the machine is down.',
  ],
  [
    /ECONNRESET|socket hang up|other side closed/,
    'The connection was cut. Is this https, and the port one for http, or the other way round?',
  ],
]

function adviceFor(reason: string, base: URL): string {
  const known = adviceByReason.find(([pattern]) => pattern.test(reason))
  return known === undefined ? `Check that ${base.host} is the right host and port.` : known[1]
}

function encryption({ protocol, hostname }: URL): Check {
  if (protocol === 'https:') return good('encryption', 'https')
  return /^(localhost|127\.|\[::1\])/.test(hostname)
    ? good('encryption', 'none, on this machine itself')
    : warning(
        'encryption',
        'none: tokens and records can be read on the way',
        'Put a proxy with TLS in front. Browsers also allow offline and camera only over https.',
      )
}

function versionOf({ status, body }: Answer): string | null {
  if (status !== 200) return null
  const parsed = parsedJson(body)
  return parsed?.status === 'ok' && typeof parsed.version === 'string' ? parsed.version : null
}

function parsedJson(body: string): Record<string, unknown> | null {
  try {
    const parsed: unknown = JSON.parse(body)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : null
  } catch {
    return null
  }
}

async function readiness(base: URL, patient: Patient): Promise<Check> {
  const { token } = patient
  const answer = await fetched(
    base,
    '/readyz',
    patient,
    token === null ? {} : { authorization: `Bearer ${token}` },
  )
  if (typeof answer === 'string') return bad('ready', answer, 'Try again; the server answered a moment ago.')
  const parts = Object.entries({ ...Object(parsedJson(answer.body)?.parts) })
  if (answer.status === 200) {
    const told = parts.map(([name, state]) => (state === 'running' ? name : `${name} ${String(state)}`))
    return good('ready', told.join(', ') || 'yes')
  }
  const failing = parts.filter(([, state]) => !String(state).startsWith('running'))
  const named = failing.map(([name, state]) => `${name}: ${String(state)}`).join('; ')
  return bad('ready', named || 'the server is stopping', 'The log of the server says more about each part.')
}

async function crossOrigin(base: URL, patient: Patient, origin: string): Promise<Check> {
  const answer = await fetched(base, '/healthz', patient, { origin })
  if (typeof answer === 'string') return bad('origin', answer, null)
  const allowed = answer.headers.get('access-control-allow-origin')
  return origin === base.origin || allowed === '*' || allowed === origin
    ? good('origin', `pages of ${origin} may use this server`)
    : bad('origin', `pages of ${origin} may not use this server`, `Start it with --cors-origin ${origin}.`)
}

/** Only what stands in it: whether it counts, the server says. */
function tokenClaims(token: string, now: number): Check {
  const [, payload = ''] = token.split('.')
  const claims = parsedJson(Buffer.from(payload, 'base64url').toString())
  if (claims === null)
    return bad('token', 'this is no JWT', 'Mint one with `corecord token`, or ask who signs people in.')
  const expires = typeof claims.exp === 'number' ? claims.exp * 1000 : null
  const words = `${String(claims.sub)}, roles ${JSON.stringify(claims.roles ?? [])}`
  if (expires !== null && expires <= now) {
    return bad('token', `${words}, expired ${new Date(expires).toISOString()}`, 'Sign in again.')
  }
  return good(
    'token',
    `${words}, ${expires === null ? 'does not expire' : `until ${new Date(expires).toISOString()}`}`,
  )
}

async function* link(base: URL, patient: Patient): AsyncGenerator<Check> {
  const end = await sayHello(base, patient)
  switch (end.kind) {
    case 'no upgrade':
      yield bad('socket', `/link was answered with ${end.status} instead of a WebSocket`, upgradeAdvice)
      return
    case 'failed':
      yield bad('socket', `/link: ${end.reason}`, adviceFor(end.reason, base))
      return
    case 'closed': {
      const meaning = parseCloseReason(end.code, end.reason)
      if (meaning?.code === 'TOKEN_MISSING' && patient.token === null) {
        yield good(
          'socket',
          'WebSockets get through; the server asks for a token, as it should (--token goes further)',
        )
      } else {
        const said = meaning === null ? `${end.code} ${end.reason}` : `${meaning.code}: ${meaning.sentence}`
        yield bad(
          'socket',
          `WebSockets get through, but the server closed: ${said}`,
          adviceByCode[meaning?.code ?? ''] ?? null,
        )
      }
      return
    }
    case 'welcome': {
      yield patient.token === null
        ? warning(
            'socket',
            `welcomed without a token, as ${end.user}`,
            'The server runs with --anonymous or --demo: whoever reaches it may use it.',
          )
        : good('socket', `welcomed as ${end.user} in ${Math.round(end.tookMs)} ms`)
      yield clock(end.timeOffMs)
      return
    }
  }
}

const upgradeAdvice =
  'A proxy between does not pass WebSockets. For nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 120s. Until then clients fall back to HTTP every 5 s.'

const adviceByCode: Partial<Record<string, string>> = {
  TOKEN_INVALID:
    'The token is signed by another key than the server checks with: compare --secret, --public-key or --jwks, and --issuer and --audience.',
  TOKEN_EXPIRED:
    'Sign in again. If it should still count, compare the clocks of who mints and of the server.',
  TOKEN_REVOKED: 'It was revoked by an operator. Sign in again.',
  TOKEN_KEYS_UNREACHABLE: 'The server cannot reach the URL of --jwks.',
  FORBIDDEN: 'Name the origin of the page with --cors-origin.',
  DRAINING: 'The server is restarting. Try again in a moment.',
  TOO_MANY_SOCKETS:
    'Too many sockets from this address. Behind a proxy, name it with --trust-proxy, so that people are told apart.',
}

function clock(offMs: number): Check {
  const seconds = Math.round(Math.abs(offMs) / 1000)
  const found = `this machine is ${seconds} s ${offMs < 0 ? 'behind' : 'ahead of'} the server`
  if (Math.abs(offMs) >= clockBadMs) {
    return bad(
      'clock',
      found,
      'Set the clock of whichever is wrong. corecord copes, but tokens and other programs do not.',
    )
  }
  return Math.abs(offMs) >= clockWarningMs
    ? warning('clock', found, 'Let both take their time from the network.')
    : good('clock', 'as the server')
}

/** A name that no record can have: the server must say so, which shows that /sync reaches it. */
async function stockSocket(base: URL, patient: Patient): Promise<Check> {
  const query = patient.token === null ? '' : `?token=${encodeURIComponent(patient.token)}`
  const end = await overSocket(base, `/sync/~doctor${query}`, patient, {
    onOpen() {},
    onMessage: () => ({ kind: 'welcome', user: '', tookMs: 0, timeOffMs: 0 }),
  })
  switch (end.kind) {
    case 'closed': {
      const meaning = parseCloseReason(end.code, end.reason)
      return meaning !== null && end.reason.startsWith(`${meaning.code}:`)
        ? good('y-websocket', '/sync is served')
        : bad('y-websocket', `/sync was closed with ${end.code} ${end.reason}`, null)
    }
    case 'no upgrade':
      return bad('y-websocket', `/sync was answered with ${end.status} instead of a WebSocket`, upgradeAdvice)
    case 'failed':
      return bad('y-websocket', end.reason, null)
    // Sync messages: a server with --untyped opens any name.
    case 'welcome':
      return good('y-websocket', '/sync is served')
  }
}

/** Only a proxy refuses one of this size, and in words of its own. */
async function bodies(base: URL): Promise<Check> {
  const megabytes = `${bodyBytes / 1e6} MB`
  try {
    const response = await fetch(under(base, '/healthz'), {
      method: 'POST',
      body: new Uint8Array(bodyBytes),
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    return response.status === 413
      ? warning(
          'bodies',
          `a request of ${megabytes} was refused on the way`,
          'A proxy between takes small requests only. For nginx: client_max_body_size 100m. Until then clients send files in small pieces, and other programs and commands that send more are refused.',
        )
      : good('bodies', `a request of ${megabytes} comes through`)
  } catch (error) {
    return warning('bodies', `a request of ${megabytes}: ${reasonOf(error)}`, null)
  }
}

async function eventStream(base: URL, token: string): Promise<Check> {
  const late = AbortSignal.timeout(firstBytesMs)
  try {
    const response = await openEventStream(base, token, late)
    if (!response.ok) return warning('events', `/api/events was answered with ${response.status}`, null)
    for await (const _ of response.body ?? []) return good('events', 'an event stream comes as it is sent')
    return warning('events', 'an event stream ended before its first event', streamAdvice)
  } catch (error) {
    return late.aborted
      ? warning('events', `of an event stream nothing came within ${firstBytesMs / 1000} s`, streamAdvice)
      : warning('events', `/api/events: ${reasonOf(error)}`, null)
  }
}

const streamAdvice =
  'A proxy between collects answers before it passes them on, so events and live lists over HTTP come late or never. For nginx: proxy_buffering off.'

/** Whether what says nothing of its own is left open. */
async function quiet(base: URL, patient: Patient): Promise<Check> {
  const { token, holdMs } = patient
  const over = new AbortController()
  let began = performance.now()
  let timer = setTimeout(() => over.abort(), timeoutMs)
  const opened = (): void => {
    clearTimeout(timer)
    began = performance.now()
    timer = setTimeout(() => over.abort(), holdMs)
  }
  const held = [
    heldSocket(base, patient, opened, over.signal),
    ...(token === null ? [] : [heldStream(base, token, opened, over.signal)]),
  ]
  const first = await Promise.any(held).catch(() => null)
  const isCut = !over.signal.aborted
  const seconds = Math.round((performance.now() - began) / 1000)
  clearTimeout(timer)
  over.abort()
  if (first === null)
    return warning(
      'quiet',
      'not looked at: nothing could be opened that might be held',
      token === null ? 'Come with --token.' : null,
    )
  return isCut
    ? bad(
        'quiet',
        `${first} that says nothing was cut off after ${seconds} s`,
        'A proxy between cuts off what is silent. For nginx: proxy_read_timeout 120s. Where you may not set it up, start the server with --limits heartbeatMs= and half of that time or less, in milliseconds.',
      )
    : good('quiet', `what says nothing stays open for ${seconds} s`)
}

async function metricsExposure(base: URL, patient: Patient): Promise<Check> {
  const answer = await fetched(base, '/metrics', patient)
  if (typeof answer === 'string' || answer.status !== 200) return good('metrics', 'not open to everybody')
  return encryption(base).found.startsWith('none, on')
    ? good('metrics', 'open, on this machine itself')
    : warning(
        'metrics',
        '/metrics is open to whoever reaches the server',
        'Close it with --metrics-token, or at the proxy.',
      )
}

function good(name: string, found: string): Check {
  return { name, state: 'good', found, advice: null }
}

function warning(name: string, found: string, advice: string | null): Check {
  return { name, state: 'warning', found, advice }
}

function bad(name: string, found: string, advice: string | null): Check {
  return { name, state: 'bad', found, advice }
}
