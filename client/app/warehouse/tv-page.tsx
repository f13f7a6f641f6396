import { IconBolt, IconCircleCheck, IconCloudOff } from '@tabler/icons-react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useSync } from '../../react/index.ts'
import { dayOf, startOfDay, useDayFormat } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { useNameOf } from '../session/directory.tsx'
import { Empty } from '../state/empty.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { colorsOf, Face } from '../state/face.tsx'
import { useHeldUp } from '../state/use-held-up.ts'
import { useAppWords } from '../words/app-words.ts'
import { useOpenOrClosedSince } from './open-trebovanja.ts'
import { PriorityMark } from './priority-mark.tsx'
import { Progress } from './progress.tsx'
import { type Today, todayOf, type WorkerToday } from './today.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { CutShort } from '../state/cut-short.tsx'
import { ListWait } from '../state/list-wait.tsx'
import { labelled } from '../words/labelled.ts'
import './tv.css'

/** The board on the wall: nobody touches it, and everybody reads it from across the hall. */
export const TvPage = () => {
  const words = useWarehouseWords()
  const now = useNow(10_000)
  const midnight = startOfDay(dayOf(now))
  const list = useOpenOrClosedSince(midnight)
  const { rows } = list
  const today = useMemo(
    () => (rows === undefined ? null : todayOf(rows, midnight, now)),
    [rows, midnight, now],
  )
  useEffect(() => {
    document.title = `${words.tvTitle} · corecord`
  }, [words])
  useScreenKeptOn()
  return (
    <main className="tv">
      <TvHead now={now}>
        <CutShort list={list} />
      </TvHead>
      {today === null ? <ListWait list={list} isAlone /> : <Board today={today} />}
    </main>
  )
}

const TvHead = ({ now, children }: { readonly now: number; readonly children: ReactNode }) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  const day = useDayFormat()
  const { asOf, carrier } = useSync()
  // A line that comes back within two seconds was never gone; one that has never been there is not live.
  const hasBeenThere = useRef(false)
  hasBeenThere.current ||= carrier !== null && asOf !== null
  const isOffline = useHeldUp() === 'offline'
  return (
    <header className="tv-head">
      <h1>{words.tvTitle}</h1>
      <span className="tv-date">{day.long(dayOf(now))}</span>
      {children}
      <span className="tv-clock">{format.time(now)}</span>
      {isOffline ? (
        <span className="tv-offline" role="alert">
          <IconCloudOff aria-hidden /> {asOf === null ? appWords.offline : words.tvOffline(format.time(asOf))}
        </span>
      ) : (
        hasBeenThere.current && (
          <span className="tv-live">
            <IconBolt aria-hidden /> {appWords.live}
          </span>
        )
      )}
    </header>
  )
}

const Board = ({ today }: { readonly today: Today }) => {
  const words = useWarehouseWords()
  const format = useFormat()
  return (
    <>
      <section className="tv-figures">
        <Figure value={today.done} word={words.tvDone} look="good" />
        <Figure value={today.open} word={words.tvOpen} />
        <Figure value={today.pieces} word={words.tvPicked} />
        <Figure
          value={today.withShortages}
          word={words.tvShort}
          look={today.withShortages > 0 ? 'warn' : 'plain'}
        />
        <Figure value={today.late} word={words.tvLate} look={today.late > 0 ? 'bad' : 'plain'} />
      </section>
      <Workers workers={today.workers} />
      <section className="tv-side">
        <div className="tv-box">
          <h2>{words.tvPerHour}</h2>
          {today.pieces === 0 ? (
            <p className="tv-quiet">{words.tvNoScans}</p>
          ) : (
            <HourBars bars={today.perHour} />
          )}
        </div>
        <div className="tv-box">
          <h2>
            {words.tvWaiting} <span className="tv-count">{format.number(today.waiting.length)}</span>
          </h2>
          {today.waiting.length === 0 ? (
            <p className="tv-quiet">{words.allAssigned}</p>
          ) : (
            <ul className="tv-numbers">
              {today.waiting.slice(0, WAITING_SHOWN).map(({ id, number, priority }) => (
                <li key={id}>
                  <PriorityMark isSmall priority={priority} />
                  {number}
                </li>
              ))}
              {today.waiting.length > WAITING_SHOWN && (
                <li className="tv-quiet">+{format.number(today.waiting.length - WAITING_SHOWN)}</li>
              )}
            </ul>
          )}
        </div>
        <div className="tv-box">
          <h2>{words.tvLastDone}</h2>
          {today.lastDone.length === 0 ? (
            <p className="tv-quiet">{words.tvNoneDone}</p>
          ) : (
            <ul className="tv-numbers" data-testid="tv-done">
              {today.lastDone.slice(0, 4).map(({ id, number, at }) => (
                <li key={id}>
                  <IconCircleCheck aria-hidden /> {number} <span className="tv-quiet">{format.time(at)}</span>
                </li>
              ))}
            </ul>
          )}
        </div>
      </section>
    </>
  )
}

interface FigureProps {
  readonly value: number
  readonly word: string
  readonly look?: 'plain' | 'good' | 'warn' | 'bad'
}

const Figure = ({ value, word, look = 'plain' }: FigureProps) => {
  const format = useFormat()
  return (
    <div className="tv-figure" data-look={look}>
      <JustChanged of={value}>
        <strong>{format.number(value)}</strong>
      </JustChanged>
      <span>{word}</span>
    </div>
  )
}

const WAITING_SHOWN = 6
const PAGE = 6
const TURN_MS = 12_000

/** More than fit take turns: nobody can scroll a wall. */
const Workers = ({ workers }: { readonly workers: readonly WorkerToday[] }) => {
  const words = useWarehouseWords()
  const pages = Math.max(1, Math.ceil(workers.length / PAGE))
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    if (pages === 1) return undefined
    const timer = setInterval(() => setTurn(now => now + 1), TURN_MS)
    return () => clearInterval(timer)
  }, [pages])
  const page = turn % pages
  const colors = useMemo(() => colorsOf(workers.map(({ id }) => id)), [workers])
  if (workers.length === 0) {
    return (
      <section className="tv-workers">
        <Empty title={words.tvQuiet} />
      </section>
    )
  }
  return (
    <section className="tv-workers" aria-label={words.workers}>
      {workers.slice(page * PAGE, (page + 1) * PAGE).map(worker => (
        <Worker key={worker.id} worker={worker} color={colors.get(worker.id)} />
      ))}
      {pages > 1 && <div className="tv-turn">{words.tvPage(page + 1, pages)}</div>}
    </section>
  )
}

interface WorkerProps {
  readonly worker: WorkerToday
  readonly color: string | undefined
}

const Worker = ({ worker, color }: WorkerProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const name = nameOf(worker.id)
  return (
    <div className="tv-worker" data-testid={`tv-${worker.id}`}>
      <Face id={worker.id} name={name} color={color} />
      <span className="tv-name">{name}</span>
      <JustChanged of={worker.pieces} className="tv-pieces">
        {format.number(worker.pieces)}
      </JustChanged>
      <Progress size="lg" value={worker.progress} label={labelled(name, words.progress)} />
      <span className="tv-quiet">
        {words.itemsOf(format.number(worker.completedItems), worker.totalItems)}
        {worker.numbers.length > 0 &&
          ` · ${worker.numbers.slice(0, 3).join(', ')}${worker.numbers.length > 3 ? ` +${worker.numbers.length - 3}` : ''}`}
      </span>
    </div>
  )
}

const HourBars = ({ bars }: { readonly bars: Today['perHour'] }) => {
  const format = useFormat()
  const most = Math.max(1, ...bars.map(({ pieces }) => pieces))
  return (
    <ol className="tv-bars">
      {bars.map(({ hour, pieces }) => (
        <li key={hour}>
          <span className="tv-bar-space">
            <span className="tv-bar" style={{ blockSize: `${(100 * pieces) / most}%` }}>
              {pieces > 0 && <span className="tv-bar-number">{format.number(pieces)}</span>}
            </span>
          </span>
          <span className="tv-bar-hour">{new Date(hour).getHours()}</span>
        </li>
      ))}
    </ol>
  )
}

/** A board that goes dark shows nothing; the lock is given back when the page is hidden, and asked for again. */
const useScreenKeptOn = (): void => {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null
    let isDone = false
    const ask = (): void => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return
      navigator.wakeLock.request('screen').then(
        given => {
          if (isDone) void given.release()
          else lock = given
        },
        () => {},
      )
    }
    ask()
    document.addEventListener('visibilitychange', ask)
    return () => {
      isDone = true
      document.removeEventListener('visibilitychange', ask)
      void lock?.release()
    }
  }, [])
}
