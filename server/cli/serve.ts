import { existsSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { type Logger, pino } from 'pino'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parsePublicKey } from '../access/tokens.ts'
import { type Config, settingNames, unknownVariables } from '../config.ts'
import { parseWebhooks } from '../event/webhook-wish.ts'
import type { FileWebhook } from '../event/webhooks.ts'
import { listen, stopListening } from '../http/listening.ts'
import type { NotificationOptions } from '../inbox/channels.ts'
import { vapidProblem } from '../inbox/vapid.ts'
import { compileInSpareTime } from './compile-in-spare-time.ts'
import type { Colleagues } from '../demo/colleagues.ts'
import { makeDataFolder } from '../make-folder.ts'
import type { CorecordServer, ServerOptions } from '../server.ts'
import { startProblem } from '../start-problem.ts'
import { isLocked } from '../store/level-store.ts'
import { isStoreError } from '../store/store-error.ts'
import type { CommandIo } from './command-io.ts'
import { CommandFailure, exitCodeOf, exitCodes, failure, foreseen, misuse } from './exit-code.ts'
import { loadRecordTypes } from './load-record-types.ts'
import { createReadableLog, type LogSink } from './readable-log.ts'
import { givenPreviousSecret, givenSecret, readText } from './secret.ts'
import { isServed } from './open-operations.ts'
import { addSettingOptions, configOf } from './setting-options.ts'
import { version } from '../version.ts'
import { reasonOf } from '../../shared/reason-of.ts'

const examples = `
Examples:
  $ corecord serve --demo                        try it, with example records and people
  $ corecord serve --demo 100000                 a large one
  $ corecord serve --demo --colleagues 5         and with five simulated colleagues who work in it
  $ corecord serve --secret-file ./secret        people come with tokens signed by this secret
  $ corecord serve --jwks https://login.example.com/keys --audience corecord
  $ corecord serve --untyped --anonymous         a y-websocket server that keeps what it is told

Every option is also the environment variable named beside it; the option wins.`

export function addServe(program: Command, io: CommandIo): void {
  const command = program
    .command('serve')
    .description('Start the server.')
    .addHelpText('after', examples)
    .action(async () => {
      const config = configOf(command, io)
      await serve(config, io).catch(error => {
        throw isReadable(config, io) ? error : toldAsJson(foreseen(error), io)
      })
    })
  addSettingOptions(command, settingNames)
}

async function serve(config: Config, io: CommandIo): Promise<void> {
  await compileInSpareTime()
  const logger = createLogger(config, io)
  const variables = unknownVariables(io.env)
  if (variables.length > 0) logger.warn({ variables }, 'variables are named as settings are, and are none')
  // Only here: every other command starts in a third of the time without it.
  const { createServer } = await import('../server.ts')
  const options = serverOptions(config, await loadRecordTypes(config.records), logger)
  const stopAsked = new Promise<string>(resolve => io.onStopSignal(resolve))
  if (!(await clockIsSet(io, logger, stopAsked))) return
  const start = async (): Promise<CorecordServer> => {
    const server = createServer(options)
    try {
      if (config.demo > 0 && config.records === null) {
        await assertPortIsFree(config)
        const { prepareDemo } = await import('../demo/prepare-demo.ts')
        await prepareDemo(resolve(config.data), config.demo, io.now, logger)
      }
      await server.start()
      return server
    } catch (error) {
      await server.close('it could not start')
      throw error
    }
  }
  const server = await startWhenFree(start, config, logger, stopAsked)
  if (server === null) return
  logger.info({ url: server.url, data: resolve(config.data), version }, `corecord serves ${server.url}`)
  const colleagues = await inviteColleagues(config, server)
  const reason = await stopAsked
  await colleagues?.close()
  const clean = await server.close(reason)
  if (!clean) throw failure('Stopped, but not everything could be finished; the log says what.')
}

const LOOK_AGAIN_MS = 1_000
/** No clock that stands before is right; one that a test has set to some year past is let be. */
const CLOCK_MS_MIN = Date.UTC(2020, 0, 1)

/**
 * A machine without a clock of its own begins in 1970, until the network has told it the time. Edits would keep that
 * date, documents have a number of that year, and no token would be too old. False: it was told to stop meanwhile.
 */
async function clockIsSet({ now }: CommandIo, logger: Logger, stopAsked: Promise<string>): Promise<boolean> {
  if (now() >= CLOCK_MS_MIN) return true
  logger.warn('the clock of this machine is not set: waiting until it is')
  let isStopped = false
  void stopAsked.then(() => {
    isStopped = true
  })
  do await Promise.race([delay(LOOK_AGAIN_MS), stopAsked])
  while (!isStopped && now() < CLOCK_MS_MIN)
  return !isStopped
}

/**
 * After a crash a command (tonight's backup, `verify`) may have come upon the folder before the next start: that ends
 * by itself, and nobody may be there to start the server then. Null: it was told to stop meanwhile.
 */
async function startWhenFree(
  start: () => Promise<CorecordServer>,
  config: Config,
  logger: Logger,
  stopAsked: Promise<string>,
): Promise<CorecordServer | null> {
  const folder = resolve(config.data)
  let isStopped = false
  void stopAsked.then(() => {
    isStopped = true
  })
  for (let isTold = false; !isStopped; isTold = true) {
    try {
      return await start()
    } catch (error) {
      if (!isStoreError(error, 'STORE_LOCKED') || (await isServed(folder))) throw startFailure(error)
    }
    if (!isTold)
      logger.warn('another process has the data open, and does not serve them: waiting for its end')
    do await Promise.race([delay(LOOK_AGAIN_MS), stopAsked])
    while (!isStopped && (await isLocked(folder)) && !(await isServed(folder)))
  }
  return null
}

/** Nobody should wait for examples to learn that the port is taken. */
async function assertPortIsFree({ port, host }: Config): Promise<void> {
  const probe = createHttpServer()
  await listen(probe, port, host)
  await stopListening(probe)
}

/** Where the demo's people are, and only there. */
async function inviteColleagues(config: Config, server: CorecordServer): Promise<Colleagues | null> {
  if (config.colleagues === 0 || config.demo === 0 || config.records !== null) return null
  const { Colleagues } = await import('../demo/colleagues.ts')
  const colleagues = new Colleagues(server, { count: config.colleagues })
  colleagues.start()
  return colleagues
}

function isReadable({ logFormat }: Config, io: CommandIo): boolean {
  return logFormat === 'text' || (logFormat === 'auto' && io.stdout.isTTY === true)
}

function createLogger(config: Config, io: CommandIo): Logger {
  io.beginLog()
  return loggerInto(isReadable(config, io) ? createReadableLog(io.stdout) : io.stdout, config.logLevel)
}

function loggerInto(sink: LogSink, level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, sink)
}

/** Who reads lines of JSON reads why the server ended as one, too. */
function toldAsJson(error: unknown, io: CommandIo): CommandFailure {
  const isForeseen = error instanceof CommandFailure
  const exitCode = isForeseen ? error.exitCode : exitCodes.failed
  const sentence = reasonOf(error)
  loggerInto(io.stderr, 'fatal').fatal({ exitCode, ...(isForeseen ? {} : { err: error }) }, sentence)
  return new CommandFailure(exitCode, '')
}

function serverOptions(config: Config, records: readonly RecordType[], logger: Logger): ServerOptions {
  const secret = secretOf(config)
  if (secret === null && config.publicKey === null && config.jwks === null && !config.anonymous) {
    throw misuse(
      'Say who may come in: --secret-file, --public-key or --jwks check tokens; --demo or --anonymous let anybody try.',
    )
  }
  const previousSecret = givenPreviousSecret(config)
  if (previousSecret !== null)
    logger.info('tokens of the previous secret are taken as well: take it out when they have expired')
  if (config.demo > 0) logger.warn('demo: whoever reaches this server may be any of the demo people')
  if (config.anonymous) logger.warn('anonymous: whoever reaches this server may use it without a token')
  return {
    records,
    untyped: config.untyped,
    ...(secret === null ? {} : { secret }),
    ...(previousSecret === null ? {} : { previousSecret }),
    ...(config.publicKey === null ? {} : { publicKey: publicKeyOf(config.publicKey) }),
    ...(config.jwks === null ? {} : { jwks: config.jwks }),
    ...(config.issuer === null ? {} : { issuer: config.issuer }),
    ...(config.audience === null ? {} : { audience: config.audience }),
    ...(config.metricsToken === null ? {} : { metricsToken: config.metricsToken }),
    rolesClaim: config.rolesClaim,
    clockToleranceSeconds: config.clockTolerance,
    anonymous: config.anonymous,
    dataFolder: resolve(config.data),
    port: config.port,
    host: config.host,
    appFolder: appFolderOf(config),
    corsOrigins: config.corsOrigin,
    trustedProxies: config.trustProxy,
    limits: config.limits,
    notifications: notificationsOf(config),
    eventsKeptDays: config.eventsKeptDays,
    webhooks: webhooksOf(config, records),
    demo: config.demo > 0,
    compressAboveBytes: config.compressAbove,
    drainMs: config.drainSeconds * 1000,
    logger,
  }
}

function webhooksOf({ webhooks }: Config, records: readonly RecordType[]): readonly FileWebhook[] | null {
  if (webhooks === null) return null
  try {
    return parseWebhooks(
      JSON.parse(readText(webhooks, '--webhooks')),
      new Set(records.map(({ name }) => name)),
    )
  } catch (error) {
    if (error instanceof CommandFailure) throw error
    const problem = reasonOf(error)
    throw misuse(`--webhooks ${webhooks} cannot be read: ${problem}`)
  }
}

function notificationsOf(config: Config): NotificationOptions {
  const { smtp, mailFrom, publicUrl, vapidPublicKey, vapidPrivateKey, vapidSubject } = config
  if ((vapidPublicKey === null) !== (vapidPrivateKey === null)) {
    throw misuse('Give --vapid-public-key and --vapid-private-key, or neither.')
  }
  const given = {
    ...(smtp === null ? {} : { smtp }),
    ...(mailFrom === null ? {} : { mailFrom }),
    ...(publicUrl === null ? {} : { publicUrl }),
    ...(vapidPublicKey === null || vapidPrivateKey === null
      ? {}
      : { vapid: { publicKey: vapidPublicKey, privateKey: vapidPrivateKey } }),
    ...(vapidSubject === null ? {} : { vapidSubject }),
  }
  const problem = vapidProblem(given)
  if (problem !== null) throw misuse(problem)
  return given
}

function secretOf(config: Config): string | null {
  const given = givenSecret(config)
  if (given !== null) return given
  return config.demo > 0 && config.publicKey === null && config.jwks === null ? demoSecret(config.data) : null
}

/** Kept with the demo's data, so that the browser's demo people are still known after a restart. */
function demoSecret(data: string): string {
  const file = join(data, 'demo-secret')
  if (existsSync(file)) return readText(file, 'The demo')
  makeDataFolder(resolve(data))
  const secret = crypto.randomUUID() + crypto.randomUUID()
  writeFileSync(file, secret, { mode: 0o600 })
  return secret
}

/** The key that tokens are checked by. A wrong file is told of before anything is opened. */
function publicKeyOf(file: string): string {
  const pem = readText(file, '--public-key')
  try {
    parsePublicKey(pem)
  } catch (error) {
    throw misuse(`--public-key ${file}: ${reasonOf(error)}`)
  }
  return pem
}

/** The app that comes with the package lies beside the compiled server. */
function appFolderOf(config: Config): string | null {
  if (config.app === 'none') return null
  if (config.app !== null) {
    const folder = resolve(config.app)
    if (existsSync(join(folder, 'index.html'))) return folder
    throw misuse(`--app: there is no index.html in ${folder}. Build the app first, or say «none».`)
  }
  const own = fileURLToPath(new URL('../../app', import.meta.url))
  return existsSync(join(own, 'index.html')) ? own : null
}

function startFailure(error: unknown): unknown {
  const sentence = startProblem(error)
  if (sentence === null) return error
  return new CommandFailure(isStoreError(error) ? exitCodeOf(error) : exitCodes.failed, sentence)
}
