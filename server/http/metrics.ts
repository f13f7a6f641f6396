import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * What an operator can see and alert on. One registry a server, so that two in a process do not count for each
 * other. Whoever measures takes the few methods it needs; none of them can fail an edit.
 */
export interface Metrics {
  readonly contentType: string
  render(): Promise<string>
  committed(commit: { rooms: number; seconds: number; ok: boolean }): void
  editSaved(seconds: number, edits?: number): void
  editRelayed(seconds: number, edits?: number): void
  editsAccepted(count: number): void
  editRefused(code: string): void
  deliveryFailed(channel: string): void
  delivered(channel: string): void
  /** Before and after, so that what compression saves can be held against what it costs. */
  compressed(before: number, after: number): void
  alarm(what: string): void
  /** A number that somebody else keeps, read when the metrics are; several, by the values of one label. */
  gauge(name: string, help: string, read: ReadNumbers, label?: string): void
  /** As above, of a number that only grows. */
  total(name: string, help: string, read: ReadNumbers, label?: string): void
  close(): void
}

export type ReadNumbers = () => number | Readonly<Record<string, number>>

/** Commits take 0.1 ms on a good disk and seconds on one that fails; edits add the wait for their commit. */
const secondsBuckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, ...labelNames: string[]) =>
    new Counter({ name: `corecord_${name}`, help, labelNames, registers })
  const seconds = (name: string, help: string) =>
    new Histogram({ name: `corecord_${name}`, help, buckets: secondsBuckets, registers })

  const commits = counter('commits_total', 'Commits, by how they ended', 'outcome')
  const commitRooms = counter('commit_rooms_total', 'Records changed in all commits together')
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
  const compressedBytes = counter('compression_bytes_total', 'Bytes of what was compressed', 'side')
  const alarms = counter('alarms_total', 'What must never happen and did', 'what')

  const delay = monitorEventLoopDelay({ resolution: 50 })
  delay.enable()
  addProcessGauges(registers, () => {
    const lag = delay.percentile(99) / 1e9
    delay.reset()
    return lag
  })
  // Kinds nobody used yet stand at 0: an alert on a series that does not exist stays silent.
  for (const outcome of ['ok', 'failed']) commits.inc({ outcome }, 0)
  for (const channel of ['push', 'email', 'webhook']) failures.inc({ channel }, 0)

  return {
    contentType: registry.contentType,
    render: () => registry.metrics(),
    committed({ rooms, seconds: took, ok }) {
      commits.inc({ outcome: ok ? 'ok' : 'failed' })
      fsync.observe(took)
      if (ok) commitRooms.inc(rooms)
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
          for (const [labels, value] of readNumbers(read, label)) this.set(labels, value)
        },
      })
    },
    total(name, help, read, label) {
      const labelNames = label === undefined ? [] : [label]
      new Counter({
        name: `corecord_${name}`,
        help,
        labelNames,
        registers,
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
}

function readNumbers(read: ReadNumbers, label = 'name'): [Record<string, string>, number][] {
  const value = read()
  return typeof value === 'number'
    ? [[{}, value]]
    : Object.entries(value).map(([key, each]) => [{ [label]: key }, each])
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
  read(
    'corecord_event_loop_lag_seconds',
    '99th percentile, since the last reading, of how late the event loop is',
    lagSeconds,
  )
}
