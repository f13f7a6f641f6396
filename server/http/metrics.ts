import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Registry } from 'prom-client'
import type { WireCounters } from '../link/wire-counters.ts'
import type { RoomMetrics } from '../room/room-services.ts'
import type { CommitAttempt } from '../store/group-commit.ts'
import { createLatencyHistogram } from './latency-histogram.ts'

/**
 * What an operator can see and alert on. One registry a server, so that two in a process do not count for each
 * other. Whoever measures takes the few methods it needs; none of them can fail an edit.
 */
export interface Metrics {
  readonly contentType: string
  render(): Promise<string>
  readonly rooms: RoomMetrics
  readonly editsAccepted: number
  committed(attempt: CommitAttempt): void
  deliveryFailed(channel: string): void
  delivered(channel: string): void
  /** Before and after, so that what compression saves can be held against what it costs. */
  compressed(before: number, after: number): void
  /** A number that somebody else keeps, read when the metrics are; several, by the values of one label. */
  gauge(name: string, help: string, read: ReadNumbers, label?: string): void
  /** As above, of a number that only grows. */
  total(name: string, help: string, read: ReadNumbers, label?: string): void
  close(): void
}

export type ReadNumbers = () => number | Readonly<Record<string, number>>

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, label: string) =>
    new Counter({ name: `corecord_${name}`, help, labelNames: [label], registers })

  const fsync = createLatencyHistogram(
    'corecord_fsync_seconds',
    'From handing a batch to the store until it is on disk',
  )
  const saved = createLatencyHistogram(
    'corecord_edit_saved_seconds',
    'From receiving an edit until its sender is told',
  )
  const relayed = createLatencyHistogram(
    'corecord_edit_relayed_seconds',
    'From receiving an edit until others are sent it',
  )
  const refused = counter('edits_refused_total', 'Updates refused by the guard, by code', 'code')
  const failures = counter(
    'deliveries_failed_total',
    'Deliveries that failed for good, by channel',
    'channel',
  )
  const deliveries = counter('deliveries_total', 'Deliveries made, by channel', 'channel')
  const compressedBytes = counter('compression_bytes_total', 'Bytes of answers that were compressed', 'side')
  // What is counted with every edit is a number here, and a metric when it is read.
  let [accepted, alarms, changes] = [0, 0, 0]
  const commits = { ok: 0, failed: 0 }

  const delay = monitorEventLoopDelay({ resolution: 50 })
  delay.enable()
  // Kinds that have not come up yet stand at 0: an alert on a series that does not exist stays silent.
  for (const channel of ['push', 'mail', 'webhook']) failures.inc({ channel }, 0)

  const metrics: Metrics = {
    contentType: registry.contentType,
    async render() {
      return (await registry.metrics()) + fsync.render() + saved.render() + relayed.render()
    },
    get editsAccepted() {
      return accepted
    },
    rooms: {
      accepted() {
        accepted++
      },
      refused: code => refused.inc({ code }),
      alarm() {
        alarms++
      },
      saved: ms => saved.observe(ms / 1000),
      relayed: ms => relayed.observe(ms / 1000),
    },
    committed({ changes: count, ms, ok }) {
      commits[ok ? 'ok' : 'failed']++
      fsync.observe(ms / 1000)
      if (ok) changes += count
    },
    deliveryFailed: channel => failures.inc({ channel }),
    delivered: channel => deliveries.inc({ channel }),
    compressed(before, after) {
      compressedBytes.inc({ side: 'before' }, before)
      compressedBytes.inc({ side: 'after' }, after)
    },
    gauge(name, help, read, label) {
      new Gauge({
        ...naming(name, help, label, registers),
        collect() {
          for (const [labels, value] of readNumbers(read, label)) this.set(labels, value)
        },
      })
    },
    total(name, help, read, label) {
      new Counter({
        ...naming(name, help, label, registers),
        collect() {
          this.reset()
          for (const [labels, value] of readNumbers(read, label)) this.inc(labels, value)
        },
      })
    },
    close() {
      delay.disable()
      registry.clear()
    },
  }
  metrics.total('edits_accepted_total', 'Updates that passed the guard', () => accepted)
  metrics.total('alarms_total', 'Times that the guard foresaw something else than happened', () => alarms)
  metrics.total('commits_total', 'Commits, by how they ended', () => commits, 'outcome')
  metrics.total('commit_changes_total', 'Changes in all commits together', () => changes)
  addProcessNumbers(metrics, () => {
    const lag = delay.percentile(99) / 1e9
    delay.reset()
    return lag
  })
  return metrics
}

function naming(name: string, help: string, label: string | undefined, registers: Registry[]) {
  return { name: `corecord_${name}`, help, labelNames: label === undefined ? [] : [label], registers }
}

function readNumbers(read: ReadNumbers, label = 'name'): [Record<string, string>, number][] {
  const value = read()
  return typeof value === 'number'
    ? [[{}, value]]
    : Object.entries(value).map(([key, each]) => [{ [label]: key }, each])
}

/** The few of the process that alerts stand on; prom-client's own set cannot be taken off again. */
function addProcessNumbers(metrics: Pick<Metrics, 'gauge' | 'total'>, lagSeconds: () => number): void {
  metrics.gauge(
    'memory_bytes',
    'Memory of the process',
    () => {
      const { rss, heapUsed, external } = process.memoryUsage()
      return { resident: rss, heap: heapUsed, external }
    },
    'kind',
  )
  metrics.total('cpu_seconds_total', 'Processor time used', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('uptime_seconds', 'How long the process runs', () => process.uptime())
  metrics.gauge(
    'event_loop_lag_seconds',
    '99th percentile, since the last reading, of being late',
    lagSeconds,
  )
}

export function measureWire(metrics: Pick<Metrics, 'total'>, counters: WireCounters): void {
  const { total } = metrics
  total('messages_received_total', 'Messages from clients', () => counters.messagesReceived)
  total('frames_sent_total', 'Frames to clients', () => counters.framesSent)
  total('socket_writes_total', 'Writes to sockets; several frames share one', () => counters.writes)
  total(
    'bytes_total',
    'Bytes over sockets',
    () => ({ in: counters.bytesReceived, out: counters.bytesSent }),
    'direction',
  )
  total(
    'message_compression_bytes_total',
    'Bytes of compressed messages, each message counted once',
    () => ({ before: counters.bytesBeforeCompression, after: counters.bytesAfterCompression }),
    'side',
  )
  total('messages_dropped_total', 'Messages dropped for slow readers', () => counters.messagesDropped)
  total('resyncs_total', 'Slow readers brought up to date', () => counters.resyncs)
  total('presence_states_total', 'Presence states taken', () => counters.presenceStates)
  total('presence_frames_total', 'Presence frames made', () => counters.presenceFrames)
  total(
    'sockets_refused_total',
    'Sockets that were one too many, by whose number was full: of an address, a person, the server',
    () => ({ ...counters.socketsRefused }),
    'whose',
  )
  total('digests_differing_total', 'Differences that links found and healed', () => counters.digestsDiffering)
}
