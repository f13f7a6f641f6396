// The shop at a glance: what stands open, what was sold, all of it live.

import { BarChart } from '@mantine/charts'
import '@mantine/charts/styles.css'
import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Estimate, Order, type RecordType, type RowOf } from '../../../shared/index.ts'
import { type UsedList, useList } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { CardRows } from '../list-page/card-rows.tsx'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { useNameOf } from '../session/directory.tsx'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { Figure } from '../state/figure.tsx'
import { CutShort } from '../state/cut-short.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { UnheardToday } from '../state/unheard-today.tsx'
import { useCreateRecord } from '../list-page/create-record.ts'
import { useAppWords } from '../words/app-words.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { DocumentNumber } from './provisional.tsx'
import { useSalesWords } from './sales-words.ts'
import { ListWait } from '../state/list-wait.tsx'

const DAYS = 14

export default function SalesHome() {
  const words = useAppWords()
  const salesWords = useSalesWords()
  const format = useFormat()
  const create = useCreateRecord()
  const now = useNow(60_000)
  const midnights = useMemo(() => midnightsBefore(now), [now])
  const [today = 0] = midnights
  const week = midnights[6] ?? 0
  const open = useList(Estimate, { where: { isConverted: false }, limit: 1, count: true, sums: ['total'] })
  const ordersToday = useList(Order, {
    where: { created: { gte: today } },
    limit: 1,
    count: true,
    sums: ['total'],
  })
  const ordersWeek = useList(Order, {
    where: { created: { gte: week } },
    limit: 1,
    count: true,
    sums: ['total'],
  })
  const recent = useWholeList(Order, {
    where: { created: { gte: midnights.at(-1) ?? 0 } },
    orderBy: ['created', 'desc'],
  })
  const figures = [
    [salesWords.openEstimates, open.total, format.number],
    [salesWords.openValue, open.sums?.['total'], format.money],
    [salesWords.ordersToday, ordersToday.total, format.number],
    [salesWords.takingsToday, ordersToday.sums?.['total'], format.money],
    [salesWords.ordersWeek, ordersWeek.total, format.number],
    [salesWords.takingsWeek, ordersWeek.sums?.['total'], format.money],
  ] as const
  return (
    <Page
      title={words.today}
      isWide
      aside={
        <Button leftSection={<IconPlus size={16} />} onClick={() => create(Estimate, { customer: null })}>
          {salesWords.newEstimate}
        </Button>
      }
    >
      <div className="figures sales-figures">
        {figures.map(([label, value, show]) => (
          <Figure key={label} label={label} value={value} show={show} />
        ))}
      </div>
      <UnheardToday midnight={today} />
      <div className="board-grid">
        <PerDay list={recent} midnights={midnights} />
        <div className="record-stack">
          <LatestOrders />
          <LatestEstimates />
        </div>
      </div>
    </Page>
  )
}

/** Of today and the days before, the latest first. */
const midnightsBefore = (now: number): readonly number[] =>
  Array.from({ length: DAYS }, (_, days) => {
    const day = new Date(now)
    day.setHours(0, 0, 0, 0)
    day.setDate(day.getDate() - days)
    return day.getTime()
  })

interface PerDayProps {
  readonly list: UsedList<typeof Order>
  readonly midnights: readonly number[]
}

const PerDay = ({ list, midnights }: PerDayProps) => {
  const words = useSalesWords()
  const format = useFormat()
  const orders = list.rows
  const data = useMemo(
    () =>
      [...midnights].reverse().map((from, index, days) => {
        const to = days[index + 1] ?? Number.POSITIVE_INFINITY
        const sold = (orders ?? []).filter(
          ({ created }) => created !== null && created >= from && created < to,
        )
        return {
          day: format.day(from).replace(/,? ?\d{4}\.?$/, ''),
          // On a phone fourteen names of the month would leave no room for each other.
          ofMonth: new Date(from).getDate(),
          total: sold.reduce((sum, { total }) => sum + total, 0) / 100,
        }
      }),
    [orders, midnights, format],
  )
  return (
    <section className="card card-body sales-chart">
      <h2 className="card-title">{words.perDay}</h2>
      <CutShort list={list} />
      {orders === undefined ? (
        <ListWait list={list} />
      ) : orders.length === 0 ? (
        <Empty isQuiet title={words.perDayEmpty} />
      ) : (
        <>
          <BarChart
            h={300}
            data={data}
            dataKey="ofMonth"
            gridAxis="x"
            withTooltip={false}
            yAxisProps={{ width: 56 }}
            xAxisProps={{ interval: 0 }}
            valueFormatter={value => format.number(value)}
            series={[{ name: 'total', label: words.total, color: 'accent.6' }]}
            barProps={{ radius: 4, isAnimationActive: false }}
            barChartProps={{ accessibilityLayer: false }}
            aria-hidden
          />
          <ul className="visually-hidden">
            {data.map(({ day, total }) => (
              <li key={day}>
                {day}: {format.number(total)}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const LatestOrders = () => {
  const words = useSalesWords()
  const list = useList(Order, { orderBy: ['created', 'desc'], limit: 6 })
  return <Latest title={words.latestOrders} list={list} type={Order} />
}

const LatestEstimates = () => {
  const words = useSalesWords()
  const list = useList(Estimate, {
    where: { isConverted: false },
    orderBy: ['created', 'desc'],
    limit: 6,
  })
  return <Latest title={words.latestEstimates} list={list} type={Estimate} />
}

interface LatestProps {
  readonly title: string
  readonly list: UsedList<typeof Order> | UsedList<typeof Estimate>
  readonly type: RecordType
}

const Latest = ({ title, list, type }: LatestProps) => {
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow(15_000)
  return (
    <section className="card card-body" aria-label={title}>
      <h2 className="card-title">{title}</h2>
      <CardRows<RowOf<typeof Order | typeof Estimate>>
        list={list}
        className="entry-list latest-list"
        line={row => (
          <li key={row.id} className="side-line">
            <span className="latest-title">
              <Link to={pathTo(type, row.id)}>
                <DocumentNumber number={row.number} /> {row.customer ?? '–'}
              </Link>
              <span className="entry-meta">
                {row.updated !== null && format.ago(row.updated, now)}, {nameOf(row.updatedBy)}
              </span>
            </span>
            <JustChanged of={row.total} className="num nowrap">
              {format.money(row.total)}
            </JustChanged>
          </li>
        )}
      />
    </section>
  )
}
