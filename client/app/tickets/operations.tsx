// The day of the field service at a glance, on a desk or on the wall: all of it from live lists, nothing is fetched
// again.

import { BarChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { IconDeviceTv } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Shipment, Ticket } from '../../../shared/index.ts'
import { type UsedList, useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { CardRows } from '../list-page/card-rows.tsx'
import { Link } from '../route/link.tsx'
import { useNameOf } from '../session/directory.tsx'
import { Page } from '../shell/page.tsx'
import { StatusButton } from '../shell/status-button.tsx'
import { CutShort } from '../state/cut-short.tsx'
import { Empty } from '../state/empty.tsx'
import { Figure } from '../state/figure.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { UnheardToday } from '../state/unheard-today.tsx'
import { useAppWords } from '../words/app-words.ts'
import { StatusChip } from './chips.tsx'
import { useFieldServiceWords } from './field-service-words.ts'
import { openStatuses } from './ticket-filter.ts'
import { TechniciansToday } from './technicians-today.tsx'
import { todayByHour } from './today-by-hour.ts'
import './operations.css'
import { kinds } from './ticket-choices.ts'
import { TicketLink } from './ticket-line.tsx'
import { useTicketWords } from './ticket-words.ts'
import { useLateAsOf } from './use-late-as-of.ts'
import { ListWait } from '../state/list-wait.tsx'

export default function Operations({ isWall }: { readonly isWall: boolean }) {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  if (isWall) {
    return (
      <main className="operations-wall">
        <div className="operations-wall-head">
          <h1>{words.operations}</h1>
          <WallClock />
          <StatusButton />
        </div>
        <Board isWall />
      </main>
    )
  }
  return (
    <Page
      title={words.operations}
      isWide
      aside={
        <Link to="/tickets/wall" className="filter-chip">
          <IconDeviceTv size={16} aria-hidden /> {serviceWords.wall}
        </Link>
      }
    >
      <Board isWall={false} />
    </Page>
  )
}

const WallClock = () => {
  const format = useFormat()
  return <span className="operations-clock">{format.time(useNow(5_000))}</span>
}

const useToday = (): number => {
  const now = useNow(60_000)
  const day = new Date(now)
  day.setHours(0, 0, 0, 0)
  return day.getTime()
}

const Board = ({ isWall }: { readonly isWall: boolean }) => {
  const words = useFieldServiceWords()
  const ticketWords = useTicketWords()
  const midnight = useToday()
  const lateAsOf = useLateAsOf()
  const open = useList(Ticket, {
    where: { status: { in: openStatuses } },
    limit: 1,
    count: true,
    groups: ['status', 'type', 'priority'],
  })
  const late = useList(Ticket, {
    where: { status: { in: openStatuses }, due: { lt: lateAsOf } },
    limit: 1,
    count: true,
  }).total
  const unassigned = useList(Ticket, {
    where: { status: { in: openStatuses }, assignedTo: null, claimedBy: null },
    limit: 1,
    count: true,
  }).total
  const done = useWholeList(Ticket, {
    where: { doneAt: { gte: midnight } },
    orderBy: ['doneAt', 'desc'],
    count: true,
  })
  const created = useWholeList(Ticket, {
    where: { created: { gte: midnight } },
    orderBy: ['created', 'desc'],
    count: true,
  })
  const onTheWay = useList(Shipment, {
    where: { state: { in: ['ordered', 'shipped'] } },
    limit: 1,
    count: true,
  }).total
  // Of these all rows are asked for: a day that comes off line begins with what is known of it.
  const arrived = useWholeList(Shipment, {
    where: { state: 'arrived', updated: { gte: midnight } },
    count: true,
  }).total
  const commented = useWholeList(Ticket, {
    where: { lastCommentAt: { gte: midnight } },
    count: true,
  }).total
  const status = open.groups?.['status']
  const figures = [
    [ticketWords.status_open, status?.['open'] ?? (open.groups === undefined ? undefined : 0)],
    [ticketWords.status_in_progress, status?.['in_progress'] ?? (open.groups === undefined ? undefined : 0)],
    [ticketWords.status_waiting, status?.['waiting'] ?? (open.groups === undefined ? undefined : 0)],
    [words.late, late],
    [words.unassigned, unassigned],
    [words.newToday, created.total],
    [words.doneToday, done.total],
    [words.comments, commented],
    [words.onTheWay, onTheWay],
    [words.arrivedToday, arrived],
  ] as const
  return (
    <>
      <div className="figures">
        {figures.map(([label, value]) => (
          <Figure
            key={label}
            label={label}
            value={value}
            isAlert={label === words.late && (value ?? 0) > 0}
          />
        ))}
      </div>
      <UnheardToday midnight={midnight} />
      <div className="board-grid">
        <TechniciansToday midnight={midnight} />
        <ByType list={open} />
        <ByHour created={created} done={done} midnight={midnight} height={isWall ? '25rem' : 210} />
        <Latest />
      </div>
    </>
  )
}

const ByType = ({ list }: { readonly list: UsedList<typeof Ticket> }) => {
  const words = useFieldServiceWords()
  const ticketWords = useTicketWords()
  const format = useFormat()
  const byType = list.groups?.['type']
  const counts = kinds.map(kind => ({ kind, count: byType?.[kind] ?? 0 }))
  const most = Math.max(...counts.map(({ count }) => count))
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.byType}</h2>
      {byType === undefined ? (
        <ListWait list={list} />
      ) : most === 0 ? (
        <Empty isQuiet title={words.byTypeEmpty} />
      ) : (
        <dl className="type-bars">
          {counts.map(({ kind, count }) => (
            <div key={kind}>
              <dt>{ticketWords[`type_${kind}`]}</dt>
              <dd>
                <span className="type-bar" style={{ '--share': `${(100 * count) / most}%` }} />
                <JustChanged of={count} className="num">
                  {format.number(count)}
                </JustChanged>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}

interface ByHourProps {
  readonly created: UsedList<typeof Ticket>
  readonly done: UsedList<typeof Ticket>
  readonly midnight: number
  readonly height: number | string
}

const ByHour = ({ created, done, midnight, height }: ByHourProps) => {
  const words = useFieldServiceWords()
  const { rows: opened = NONE } = created
  const { rows: closed = NONE } = done
  const data = useMemo(() => todayByHour(opened, closed, midnight), [opened, closed, midnight])
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.today}</h2>
      <CutShort list={created.isCut ? created : done} />
      <BarChart
        h={height}
        data={data}
        dataKey="hour"
        gridAxis="none"
        withLegend
        withTooltip={false}
        yAxisProps={{ width: 28, allowDecimals: false }}
        series={[
          { name: 'opened', label: words.opened, color: 'gray.5' },
          { name: 'done', label: words.done, color: 'accent.7' },
        ]}
        barProps={{ radius: 3, isAnimationActive: false }}
        barChartProps={{ accessibilityLayer: false }}
        aria-hidden
      />
    </section>
  )
}

const NONE: readonly never[] = []

const Latest = () => {
  const words = useFieldServiceWords()
  const appWords = useAppWords()
  const ticketWords = useTicketWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow(15_000)
  const list = useList(Ticket, { orderBy: ['updated', 'desc'], limit: 8 })
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.latest}</h2>
      <CardRows
        list={list}
        className="entry-list latest-list"
        line={row => (
          <li key={row.id} className="side-line">
            <span className="latest-title">
              <TicketLink row={row} />
              <JustChanged of={row.updated} className="entry-meta">
                {row.updated !== null && format.ago(row.updated, now)}, {nameOf(row.updatedBy)}
                {row.comments > 0 &&
                  ` · ${appWords.beforeValue(ticketWords.comments)} ${format.number(row.comments)}`}
              </JustChanged>
            </span>
            <StatusChip status={row.status} />
          </li>
        )}
      />
    </section>
  )
}
