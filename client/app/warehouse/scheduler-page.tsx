import { Button, Group, NativeSelect, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { Trebovanje } from '../../../shared/index.ts'
import { DayTurn } from '../fields/day-turn.tsx'
import { addDays, dayOf, startOfDay, useDayFormat } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { useNameOf, usePeopleWithRole } from '../session/directory.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { colorsOf, Face } from '../state/face.tsx'
import { useAppWords } from '../words/app-words.ts'
import { KeptHere } from './kept-here.tsx'
import { openTrebovanja, useOpenOrClosedSince } from './open-trebovanja.ts'
import { PriorityMark } from './priority-mark.tsx'
import { Progress } from './progress.tsx'
import { type Card, cellKey, scheduleOf, shownDay } from './schedule.ts'
import { useAssign } from './use-assign.ts'
import { type CardDrag, useCardDrag } from './use-card-drag.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { CutShort } from '../state/cut-short.tsx'
import { ListWait } from '../state/list-wait.tsx'
import { labelled } from '../words/labelled.ts'
import { Modal } from '../state/dialog.tsx'

const POOL = 'pool'
/** So many cards are drawn of those that wait; whoever has a thousand looks at the most urgent first. */
const POOL_PIECE = 100

/** Workers by days; a card is carried to whoever shall do it, and when. */
export const SchedulerPage = () => {
  const appWords = useAppWords()
  const words = useWarehouseWords()
  const format = useDayFormat()
  const nameOf = useNameOf()
  const mayAssign = useHasRole('shift_lead', 'manager')
  const today = dayOf(useNow(60_000))
  const isPhone = useMediaQuery('(max-width: 40em)') ?? false
  const isTablet = useMediaQuery('(max-width: 75em)') ?? false
  const isDesktop = useMediaQuery('(max-width: 100em)') ?? false
  // A card needs some 140 pixels to say what it is.
  const dayCount = isPhone ? 1 : isTablet ? 4 : isDesktop ? 5 : 7
  // A plan that is left open over night begins with the new day, unless somebody turned it to another.
  const [turnedTo, setFirst] = useState<string | null>(null)
  const first = turnedTo ?? today
  const days = useMemo(() => Array.from({ length: dayCount }, (_, i) => addDays(first, i)), [first, dayCount])
  const list = useOpenOrClosedSince(startOfDay(first))
  const { rows } = list
  const schedule = useMemo(() => scheduleOf(rows ?? [], today), [rows, today])
  const staff = usePeopleWithRole('magacioner')
  const workers = useMemo(
    () => [...new Set([...staff.map(({ id }) => id), ...schedule.workers])],
    [staff, schedule.workers],
  )
  const colors = useMemo(() => colorsOf(workers), [workers])
  const { give, takeBack } = useAssign()
  const [said, setSaid] = useState('')
  const [tapped, setTapped] = useState<Card | null>(null)
  const [poolShown, setPoolShown] = useState(POOL_PIECE)
  const { number } = useFormat()
  const refocus = useRef<string | null>(null)
  const placeName = (place: string | null): string => {
    if (place === null) return ''
    if (place === POOL) return words.unassigned
    const [worker = '', day = ''] = place.split(' ')
    return words.movedTo(nameOf(worker), format.long(day))
  }
  const move = (card: Card, place: string): void => {
    if (place === POOL) {
      if (card.zaduznica !== null) void takeBack(card.trebovanje, card.zaduznica)
      return
    }
    const [worker = '', day = ''] = place.split(' ')
    void give({
      trebovanje: card.trebovanje,
      worker,
      day,
      ...(card.zaduznica === null ? {} : { zaduznica: card.zaduznica }),
    })
  }
  const drag = useCardDrag({
    places: [[POOL], ...workers.map(worker => days.map(day => cellKey(worker, day)))],
    placeOf: card => (card.worker === null ? POOL : cellKey(card.worker, shownDay(card, today))),
    mayLift: card => mayAssign && card.state !== 'done',
    onTap: setTapped,
    onDrop: (card, place) => {
      refocus.current = card.trebovanje
      move(card, place)
    },
    say: ({ kind, card, place }) =>
      setSaid(
        {
          lifted: words.lifted(card.number),
          over: words.over(placeName(place)),
          dropped: words.dropped(card.number, placeName(place)),
          left: words.leftAlone,
        }[kind],
      ),
  })
  const liftedKey = drag.lifted?.card.key ?? null
  // A card that was put down stands in another place now, and the keyboard goes with it.
  useEffect(() => {
    if (refocus.current === null || document.activeElement !== document.body) return
    const card = document.querySelector<HTMLElement>(`[data-trebovanje="${CSS.escape(refocus.current)}"]`)
    refocus.current = null
    card?.focus()
  })
  return (
    <Page
      title={appWords.scheduler}
      isWide
      aside={
        <Group gap={6}>
          {/* What is planned without a connection is planned on the records themselves. */}
          {mayAssign && <KeptHere query={openTrebovanja} />}
          <DayTurn
            back={{ label: words.before, onClick: () => setFirst(addDays(first, -dayCount)) }}
            on={{ label: words.later, onClick: () => setFirst(addDays(first, dayCount)) }}
          >
            <Button variant="default" disabled={first === today} onClick={() => setFirst(null)}>
              {words.today}
            </Button>
          </DayTurn>
        </Group>
      }
    >
      <CutShort list={list} />
      {mayAssign ? (
        <>
          <p className="quiet scheduler-hint for-mouse">{words.dragHint}</p>
          <p className="quiet scheduler-hint for-touch">{words.tapHint}</p>
        </>
      ) : (
        <p className="quiet scheduler-hint">{words.readOnlyScheduler}</p>
      )}
      <div className="visually-hidden" role="status" aria-live="assertive">
        {said}
      </div>
      {rows === undefined ? (
        <ListWait list={list} />
      ) : (
        <div className="scheduler" data-lifted={drag.lifted === null ? undefined : ''}>
          <section
            className="card schedule-pool"
            data-drop={POOL}
            data-over={drag.lifted?.over === POOL ? '' : undefined}
            aria-label={words.unassigned}
          >
            <h2 className="card-title">
              {words.unassigned} <span className="quiet">{number(schedule.waiting.length)}</span>
            </h2>
            {schedule.waiting.length === 0 && (
              <p className="quiet">{list.state === 'live' ? words.allAssigned : words.noneWaitsHere}</p>
            )}
            <div className="schedule-pool-cards">
              {schedule.waiting.slice(0, poolShown).map(card => (
                <CardButton
                  key={card.key}
                  card={card}
                  isLifted={liftedKey === card.key}
                  today={today}
                  cardProps={drag.cardProps}
                />
              ))}
            </div>
            {schedule.waiting.length > poolShown && (
              <div className="table-foot">
                <span>{appWords.of(number(poolShown), number(schedule.waiting.length))}</span>
                <Button variant="default" size="sm" onClick={() => setPoolShown(poolShown + POOL_PIECE)}>
                  {appWords.showMore}
                </Button>
              </div>
            )}
          </section>
          <div className="card schedule-scroll">
            <table className="schedule" style={{ '--days': days.length }}>
              <thead>
                <tr>
                  <th scope="col">
                    <span className="visually-hidden">{words.worker}</span>
                  </th>
                  {days.map(day => (
                    <th key={day} scope="col" data-today={day === today ? '' : undefined}>
                      <span className="schedule-weekday">
                        {day === today ? words.today : format.weekday(day)}
                      </span>{' '}
                      <span className="quiet">{format.short(day)}</span>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {workers.map(worker => (
                  <WorkerRow
                    key={worker}
                    worker={worker}
                    name={nameOf(worker)}
                    color={colors.get(worker)}
                    days={days}
                    cells={days.map(day => schedule.cells.get(cellKey(worker, day)) ?? NO_CARDS)}
                    over={drag.lifted?.over?.startsWith(`${worker} `) === true ? drag.lifted.over : null}
                    liftedKey={liftedKey}
                    today={today}
                    cardProps={drag.cardProps}
                  />
                ))}
              </tbody>
            </table>
            {workers.length === 0 && <Empty isQuiet title={words.noWorkers} />}
          </div>
        </div>
      )}
      {drag.lifted?.by === 'pointer' && (
        <div ref={drag.ghost} className="schedule-ghost">
          <strong>{drag.lifted.card.number}</strong> {drag.lifted.card.customer}
        </div>
      )}
      {tapped !== null && (
        <CardMenu
          card={schedule.card(tapped.key) ?? tapped}
          mayAssign={mayAssign}
          workers={workers}
          today={today}
          onMove={move}
          onClose={() => setTapped(null)}
        />
      )}
    </Page>
  )
}

const NO_CARDS: readonly Card[] = []

interface WorkerRowProps {
  readonly worker: string
  readonly name: string
  readonly color: string | undefined
  readonly days: readonly string[]
  /** Day by day. */
  readonly cells: readonly (readonly Card[])[]
  readonly over: string | null
  readonly liftedKey: string | null
  readonly today: string
  readonly cardProps: CardDrag['cardProps']
}

/** Of a thousand workers the one is drawn anew whose cards have changed, or over whom one is carried. */
const WorkerRow = memo(
  ({ worker, name, color, days, cells, over, liftedKey, today, cardProps }: WorkerRowProps) => (
    <tr>
      <th scope="row">
        <Face id={worker} name={name} color={color} /> <span className="schedule-worker">{name}</span>
      </th>
      {days.map((day, i) => {
        const place = cellKey(worker, day)
        return (
          <td
            key={day}
            data-drop={place}
            data-today={day === today ? '' : undefined}
            data-over={over === place ? '' : undefined}
          >
            {cells[i]?.map(card => (
              <CardButton
                key={card.key}
                card={card}
                isLifted={liftedKey === card.key}
                today={today}
                cardProps={cardProps}
              />
            ))}
          </td>
        )
      })}
    </tr>
  ),
  (a, b) =>
    a.worker === b.worker &&
    a.name === b.name &&
    a.color === b.color &&
    a.days === b.days &&
    a.over === b.over &&
    a.today === b.today &&
    (a.liftedKey === b.liftedKey || a.cells.every(cards => cards.length === 0)) &&
    a.cells.every((cards, i) => isSameCards(cards, b.cells[i] ?? NO_CARDS)),
)

const isSameCards = (a: readonly Card[], b: readonly Card[]): boolean =>
  a.length === b.length && a.every((card, i) => card === b[i])

interface CardButtonProps {
  readonly card: Card
  readonly isLifted: boolean
  readonly today: string
  readonly cardProps: CardDrag['cardProps']
}

const CardButton = memo(({ card, isLifted, today, cardProps }: CardButtonProps) => {
  const words = useWarehouseWords()
  const format = useDayFormat()
  const { number } = useFormat()
  const isLeftOver = card.day !== null && card.day < today && card.state !== 'done'
  return (
    <button
      type="button"
      className="schedule-card"
      data-trebovanje={card.trebovanje}
      data-testid={`card-${card.number}`}
      data-state={card.state}
      data-lifted={isLifted ? '' : undefined}
      data-priority={card.priority}
      {...cardProps(card)}
    >
      <span className="schedule-card-head">
        <strong>{card.number}</strong>
        <PriorityMark isSmall priority={card.priority} />
      </span>
      <span className="schedule-card-customer">{card.customer}</span>
      {isLeftOver && card.day !== null && <span className="short">{format.short(card.day)}</span>}
      {card.zaduznica === null ? (
        <span className="quiet">{words.part(card.items)}</span>
      ) : (
        <JustChanged of={card.progress} className="schedule-card-progress">
          <Progress
            size="sm"
            value={card.progress}
            state={card.state}
            label={labelled(card.number, words.progress)}
          />
        </JustChanged>
      )}
      <span className="visually-hidden">
        {card.state === 'done' ? words.done : `${number(card.items)} ${words.items}`}
      </span>
    </button>
  )
})

interface CardMenuProps {
  readonly card: Card
  readonly mayAssign: boolean
  readonly workers: readonly string[]
  readonly today: string
  readonly onMove: (card: Card, place: string) => void
  readonly onClose: () => void
}

/** The same by a finger, without carrying anything. */
const CardMenu = ({ card, mayAssign, workers, today, onMove, onClose }: CardMenuProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const nameOf = useNameOf()
  const [worker, setWorker] = useState(card.worker ?? '')
  const [day, setDay] = useState(shownDay(card, today))
  const isDone = card.state === 'done'
  return (
    <Modal opened onClose={onClose} title={`${card.number} ${card.customer}`}>
      <div className="stack">
        {card.zaduznica !== null && (
          <Progress value={card.progress} state={card.state} label={words.progress} />
        )}
        {mayAssign && !isDone && (
          <>
            <NativeSelect
              label={words.giveTo}
              size="md"
              data-autofocus
              value={worker}
              onChange={event => setWorker(event.currentTarget.value)}
              data={[{ value: '', label: '' }, ...workers.map(id => ({ value: id, label: nameOf(id) }))]}
            />
            <TextInput
              size="md"
              type="date"
              label={words.day}
              value={day}
              onChange={event => setDay(event.currentTarget.value)}
            />
            <Button
              size="md"
              disabled={worker === '' || day === '' || (worker === card.worker && day === card.day)}
              onClick={() => {
                onMove(card, cellKey(worker, day))
                onClose()
              }}
            >
              {words.assign}
            </Button>
            {card.zaduznica !== null && (
              <Button
                size="md"
                variant="default"
                className="danger"
                onClick={() => {
                  onMove(card, POOL)
                  onClose()
                }}
              >
                {words.takeBack}
              </Button>
            )}
          </>
        )}
        {isDone && <p className="quiet">{words.cannotMove}</p>}
        <Link to={pathTo(Trebovanje, card.trebovanje)}>{appWords.edit} →</Link>
      </div>
    </Modal>
  )
}
