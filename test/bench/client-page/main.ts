// The page that the client's benchmark drives: a desk, as an application has one, and what is measured of it.

import { connect } from '../../../client/index.ts'
import { Told } from '../../../client/told.ts'
import { Ticket } from '../../../shared/types/ticket.ts'

const query = new URLSearchParams(location.search)

const desk = connect({
  url: query.get('server') ?? '',
  token: () => query.get('token') ?? '',
  records: [Ticket],
})

const until = (subscribe: (tell: () => void) => () => void, holds: () => boolean): Promise<void> =>
  new Promise(done => {
    let stop = (): void => {}
    const look = (): void => {
      if (!holds()) return
      stop()
      done()
    }
    stop = subscribe(look)
    look()
  })

/** Milliseconds from here until all are there. */
const openMany = async (ids: readonly string[]): Promise<number> => {
  const began = performance.now()
  const records = ids.map(id => desk.open(Ticket, id))
  await Promise.all(records.map(record => record.whenCurrent()))
  const missing = records.filter(({ state }) => state !== 'ready').length
  if (missing > 0) throw new Error(`${missing} records are not there`)
  return performance.now() - began
}

/** What crosses the link from now until the answer is called. */
const listenToLink = (): (() => Record<string, { frames: number; bytes: number }>) => {
  const told: Record<string, { frames: number; bytes: number }> = {}
  const stop = desk.traffic.subscribe(() => {
    const [frame] = desk.traffic.frames
    if (frame === undefined) return
    const name = `${frame.direction} ${frame.room === null ? frame.kind : 'record'}`
    const { frames = 0, bytes = 0 } = told[name] ?? {}
    told[name] = { frames: frames + 1, bytes: bytes + frame.bytes }
  })
  return () => {
    stop()
    return told
  }
}

let answerTraffic: (() => Record<string, { frames: number; bytes: number }>) | null = null

/** Milliseconds until the working set is ready, from the call. */
const keep = async (count: number): Promise<{ ms: number; bytes: number }> => {
  const began = performance.now()
  const set = desk.keepOffline(Ticket, { orderBy: ['created', 'asc'], limit: count })
  await until(
    tell => set.subscribe(tell),
    () => set.state === 'ready' && set.have === count,
  )
  return { ms: performance.now() - began, bytes: set.bytes }
}

/** Each alone, from the call until its view is there. */
const openEach = async (ids: readonly string[]): Promise<number[]> => {
  const times: number[] = []
  for (const id of ids) {
    const began = performance.now()
    const record = desk.open(Ticket, id)
    await record.whenReady()
    if (record.view?.title === undefined) throw new Error(`${id} is ${record.state}`)
    times.push(performance.now() - began)
    record.close()
  }
  return times
}

const VISIBLE = 50

/** Shows a list, its first rows drawn anew whenever it changes. */
const showList = async (limit: number): Promise<void> => {
  const list = desk.list(Ticket, { orderBy: ['updated', 'desc'], limit, count: true })
  await until(
    tell => list.subscribe(tell),
    () => (list.rows?.length ?? 0) >= limit && list.state === 'live',
  )
  const lines = Array.from({ length: VISIBLE }, () => document.createElement('li'))
  document.querySelector('#rows')?.replaceChildren(...lines)
  list.subscribe(() => {
    const rows = list.rows ?? []
    for (const [i, line] of lines.entries()) {
      const row = rows[i]
      line.textContent = row === undefined ? '' : `${row.number} ${row.title} ${row.status}`
    }
  })
}

export interface Frames {
  readonly drawn: number
  readonly seconds: number
  readonly longestMs: number
  readonly p99Ms: number
  readonly longestTaskMs: number
  readonly deltas: number
}

const watchFrames = async (seconds: number): Promise<Frames> => {
  const traffic = listenToLink()
  const gaps: number[] = []
  let longestTaskMs = 0
  const tasks = new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) longestTaskMs = Math.max(longestTaskMs, duration)
  })
  tasks.observe({ entryTypes: ['longtask'] })
  await new Promise<void>(done => {
    const began = performance.now()
    let last = began
    const frame = (): void => {
      const now = performance.now()
      gaps.push(now - last)
      last = now
      if (now - began < seconds * 1_000) requestAnimationFrame(frame)
      else done()
    }
    requestAnimationFrame(frame)
  })
  tasks.disconnect()
  const sorted = [...gaps].sort((a, b) => a - b)
  return {
    drawn: gaps.length,
    seconds: gaps.reduce((sum, ms) => sum + ms, 0) / 1_000,
    longestMs: sorted.at(-1) ?? 0,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    longestTaskMs,
    deltas: traffic()['in delta']?.frames ?? 0,
  }
}

/** On one clock for all pages of this machine. */
const instant = (): number => performance.timeOrigin + performance.now()

const seenAt = new Map<string, number>()
const seen = new Told()

/** From now on it is noted when each of its titles came up. */
const beginReading = async (id: string): Promise<void> => {
  const record = desk.open(Ticket, id)
  await record.whenCurrent()
  record.subscribe('title', () => {
    const title = record.view?.title
    if (typeof title !== 'string' || seenAt.has(title)) return
    document.title = title
    seenAt.set(title, instant())
    seen.tell()
  })
}

/** When it was written. */
const type = (id: string, title: string): number => {
  const at = instant()
  desk.glance(Ticket, id).set({ title })
  return at
}

/** When it was seen, once it is. */
const sees = async (title: string): Promise<number> => {
  await until(seen.subscribe, () => seenAt.has(title))
  return seenAt.get(title) ?? 0
}

declare global {
  interface Window {
    bench: typeof bench
  }
}

const bench = {
  ready: () => desk.ready,
  isLive: () =>
    until(
      tell => desk.subscribe(tell),
      () => desk.status.carrier === 'socket',
    ),
  goOffline: () => desk.goOffline(),
  openMany,
  beginTraffic: () => {
    answerTraffic = listenToLink()
  },
  endTraffic: () => answerTraffic?.() ?? {},
  keep,
  openEach,
  showList,
  watchFrames,
  beginReading,
  type,
  sees,
}
window.bench = bench
