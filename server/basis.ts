import { type Access, createAccess } from './access/access.ts'
import { People } from './inbox/people.ts'
import { createMetrics, type Metrics, measureWire } from './http/metrics.ts'
import { createReadiness, type Readiness } from './http/readiness.ts'
import { UnreadAnswers } from './http/unread-answers.ts'
import { createWireCounters, type WireCounters } from './link/wire-counters.ts'
import { type Resolved, resolveOptions, type ServerOptions } from './server-options.ts'
import { ofThisProcess } from './room/headroom.ts'
import { GroupCommit, realTime } from './store/group-commit.ts'
import { LevelStore } from './store/level-store.ts'
import type { Store } from './store/store.ts'
import { steadinessOf } from './steadiness.ts'
import { TurnEnd } from './turn-end.ts'

/** Of what the process may have, so much may lie in answers and before sockets that are not read. */
const UNREAD_SHARE = 1 / 8
/** A few of the largest there are. */
const UNREAD_BYTES_LEAST = 48 << 20

/** What every part of a server stands on, before anything is opened. */
export interface Basis extends Resolved {
  readonly store: Store
  readonly committer: GroupCommit
  readonly turnEnd: TurnEnd
  readonly access: Access
  readonly people: People
  readonly metrics: Metrics
  readonly readiness: Readiness
  readonly counters: WireCounters
  readonly unread: UnreadAnswers
  /** Not while it may be wrong: by what it says then, nothing goes for good. */
  readonly isClockSteady: () => boolean
}

export function createBasis(options: ServerOptions): Basis {
  const resolved = resolveOptions(options)
  const { logger, now, dataFolder } = resolved
  const metrics = createMetrics()
  const counters = createWireCounters()
  let salvages = 0
  const store =
    options.store ??
    new LevelStore({
      folder: dataFolder,
      onSalvaged(damagedPath) {
        salvages++
        logger.error(
          { damagedPath },
          'the database was damaged: what could be read of it was copied, and the server goes on with that. ' +
            '«corecord verify» names what is missing; the damaged files are kept beside it.',
        )
      },
      onDamagedValue: (space, key) =>
        logger.error({ space, key }, 'a value of the server’s own is damaged and passed over'),
    })
  const turnEnd = new TurnEnd()
  const committer = new GroupCommit(store, {
    time: { ...realTime, soon: run => turnEnd.commitSoon(run) },
    onAttempt: metrics.committed,
    onReadOnly: reason => {
      if (reason === null) logger.info('the disk takes writes again')
      else logger.error({ err: reason }, 'the disk refuses writes: nothing is accepted until it takes them')
    },
    onSilent: isSilent => {
      if (isSilent) logger.error('the disk does not answer: nothing is saved until it does')
      else logger.info('the disk has answered')
    },
  })
  const people = new People({
    store,
    committer,
    now,
    failed: error => logger.error({ err: error }, 'who has come in cannot be noted'),
  })
  const readiness = createReadiness()
  const access = createAccess(options, {
    store,
    committer,
    now,
    readiness,
    logger,
    seen: principal => people.seen(principal),
  })
  access.revocations.onRevoked(revocation => people.revoked(revocation))
  measureWire(metrics, counters)
  const unread = new UnreadAnswers({
    bytesMax: Math.max(UNREAD_BYTES_LEAST, ofThisProcess().limitBytes * UNREAD_SHARE),
    onCut: fields =>
      logger.warn(fields, 'answers that are not read take too much memory: the slowest readers are cut off'),
  })
  metrics.total(
    'store_salvages_total',
    'Times that a damaged database was copied to go on with what could be read of it',
    () => salvages,
  )
  metrics.gauge('sessions', 'Sockets that live on a token', () => access.sessions.size)
  metrics.gauge('queue_depth', 'Changes accepted and not yet on the disk', () => committer.depth)
  metrics.gauge(
    'commit_waiting_seconds',
    'How long the commit under way has been waiting for the disk',
    () => committer.waitedMs / 1000,
  )
  return {
    ...resolved,
    isClockSteady: steadinessOf(now),
    store,
    committer,
    turnEnd,
    access,
    people,
    metrics,
    counters,
    readiness,
    unread,
  }
}
