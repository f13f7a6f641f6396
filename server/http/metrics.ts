import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * What an operator can see and alert on. One registry a server, so that two in a process do not count for each
 * other. Whoever measures takes the few methods it needs; none of them can fail an edit.
 */
export interface Metrics {
  readonly contentType: string
  render(): Promise<string>
  socketOpened(kind: SocketKind): void
  socketClosed(kind: SocketKind): void
  /** The close codes we chose, so that 4529 or 4405 in numbers are seen. */
  socketRefused(code: string): void
  channelsChanged(by: number): void
  committed(commit: { rooms: number; updates: number; seconds: number; ok: boolean }): void
  editSaved(seconds: number, edits?: number): void
  editRelayed(seconds: number, edits?: number): void
  editsAccepted(count: number): void
  editRefused(code: string): void
  deliveryFailed(channel: string): void
  delivered(channel: string): void
  bytesReceived(bytes: number): void
  bytesSent(bytes: number): void
  /** Before and after, so that what compression saves can be held against what it costs. */
  compressed(before: number, after: number): void
  alarm(what: string): void
  /** A number that somebody else keeps, read when the metrics are. */
  gauge(
    name: string,
    help: string,
    read: () => number | Readonly<Record<string, number>>,
    label?: string,
  ): void
  close(): void
}

export type SocketKind = 'sync' | 'link' | 'updates' | 'events'

/** Commits take 0.1 ms on a good disk and seconds on one that fails; edits add the wait for their commit. */
const secondsBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `corecord_${name}`, help, labelNames, registers })
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `corecord_${name}`, help, labelNames, registers })
  const seconds = (name: string, help: string) =>
    new Histogram({ name: `corecord_${name}`, help, buckets: secondsBuckets, registers })

  const sockets = gauge('sockets', 'Open sockets', 'kind')
  const socketsOpened = counter('sockets_opened_total', 'Sockets opened since the start', 'kind')
  const refusals = counter(
    'sockets_refused_total',
    'Sockets refused or closed by the server, by code',
    'code',
  )
  const channels = gauge('channels', 'Open channels on all links')
  const commits = counter('commits_total', 'Commits, by how they ended', 'outcome')
  const commitRooms = counter('commit_rooms_total', 'Records changed in all commits together')
  const commitUpdates = counter('commit_updates_total', 'Updates in all commits together')
  const fsync = seconds('fsync_seconds', 'From handing a batch to the store until it is on the disk')
  const saved = seconds('edit_saved_seconds', 'From receiving an edit until its sender is told it is saved')
  const relayed = seconds('edit_relayed_seconds', 'From receiving an edit until it is sent to the others')
  const accepted = counter('edits_accepted_total', 'Updates that passed the guard')
  const refused = counter('edits_refused_total', 'Updates refused by the guard, by code', 'code')
  const failures = counter(
    'deliveries_failed_total',
    'Deliveries that failed for good, by channel',
    'channel',
  )
  const deliveries = counter('deliveries_total', 'Deliveries made, by channel', 'channel')
  const bytes = counter('bytes_total', 'Payload bytes over sockets', 'direction')
  const compressedBytes = counter('compression_bytes_total', 'Bytes of what was compressed', 'side')
  const alarms = counter('alarms_total', 'What must never happen and did', 'what')

  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  addProcessGauges(registers, () => delay.percentile(99) / 1e9)
  // Kinds nobody used yet stand at 0: an alert on a series that does not exist stays silent.
  for (const kind of ['sync', 'link', 'updates', 'events'] as const) sockets.set({ kind }, 0)
  for (const outcome of ['ok', 'failed']) commits.inc({ outcome }, 0)
  for (const channel of ['push', 'email', 'webhook']) failures.inc({ channel }, 0)

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    socketOpened(kind) {
      sockets.inc({ kind })
      socketsOpened.inc({ kind })
    },
    socketClosed: kind => sockets.dec({ kind }),
    socketRefused: code => refusals.inc({ code }),
    channelsChanged: by => channels.inc(by),
    committed({ rooms, updates, seconds: took, ok }) {
      commits.inc({ outcome: ok ? 'ok' : 'failed' })
      fsync.observe(took)
      if (!ok) return
      commitRooms.inc(rooms)
      commitUpdates.inc(updates)
    },
    editSaved(took, edits = 1) {
      for (let edit = 0; edit < edits; edit++) saved.observe(took)
    },
    editRelayed(took, edits = 1) {
      for (let edit = 0; edit < edits; edit++) relayed.observe(took)
    },
    editsAccepted: count => accepted.inc(count),
    editRefused: code => refused.inc({ code }),
    deliveryFailed: channel => failures.inc({ channel }),
    delivered: channel => deliveries.inc({ channel }),
    bytesReceived: count => bytes.inc({ direction: 'in' }, count),
    bytesSent: count => bytes.inc({ direction: 'out' }, count),
    compressed(before, after) {
      compressedBytes.inc({ side: 'before' }, before)
      compressedBytes.inc({ side: 'after' }, after)
    },
    alarm: what => alarms.inc({ what }),
    gauge(name, help, read, label) {
      const labelNames = label === undefined ? [] : [label]
      new Gauge({
        name: `corecord_${name}`,
        help,
        labelNames,
        registers,
        collect() {
          const value = read()
          if (typeof value === 'number') return this.set(value)
          for (const [key, each] of Object.entries(value)) this.set({ [label ?? 'name']: key }, each)
        },
      })
    },
    close() {
      delay.disable()
      registry.clear()
    },
  }
}

/** The few of the process that alerts stand on; prom-client's own set cannot be taken off again. */
function addProcessGauges(registers: Registry[], lagSeconds: () => number): void {
  const read = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value())
      },
    })
  read('process_resident_memory_bytes', 'Memory the process holds', () => process.memoryUsage.rss())
  read('process_heap_bytes', 'JavaScript heap in use', () => process.memoryUsage().heapUsed)
  read('process_external_bytes', 'Buffers outside the heap', () => process.memoryUsage().external)
  read('process_cpu_seconds_total', 'CPU time used', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  read('process_start_time_seconds', 'When the process started', () => Date.now() / 1000 - process.uptime())
  read('corecord_event_loop_lag_seconds', '99th percentile of how late the event loop is', lagSeconds)
}
