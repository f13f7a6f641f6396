import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconDeviceTablet, IconHandGrab } from '@tabler/icons-react'
import { localId, type RowOf, Trebovanje } from '../../../shared/index.ts'
import { type UsedList, useList } from '../../react/index.ts'
import { dayOf } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { Link } from '../route/link.tsx'
import { navigate } from '../route/route.ts'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { Due } from './due.tsx'
import { feel } from './feel.ts'
import { PriorityMark } from './priority-mark.tsx'
import { Progress } from './progress.tsx'
import { useAssign } from './use-assign.ts'
import { MoreRows } from '../list-page/more-rows.tsx'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { KeptHere } from './kept-here.tsx'
import { myTasks } from './my-tasks.ts'
import { useScanner } from './use-scanner.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { ListWait } from '../state/list-wait.tsx'
import { labelled } from '../words/labelled.ts'

/** The tablet of a magacioner: what is mine, and what I may take. */
export const PickingPage = () => {
  const words = useWarehouseWords()
  const list = useWholeList(Trebovanje, myTasks)
  const { rows, pending } = list
  const mayTake = useHasRole('magacioner', 'shift_lead')
  const free = useList(
    Trebovanje,
    mayTake ? { where: { status: 'new' }, orderBy: ['due', 'asc'], limit: 20 } : null,
  )
  // A trebovanje has its own number as a code on the paper.
  useScanner(code => {
    const row = [...(rows ?? []), ...(free.rows ?? [])].find(
      ({ number }) => number.toLowerCase() === code.trim().toLowerCase(),
    )
    if (row !== undefined) navigate(pathOf(row))
    else {
      feel('wrong')
      // What is said of the code before would stay, and nothing be said of this one.
      notifications.hide('scan')
      notifications.show({ id: 'scan', message: words.noSuchTask(code.trim()), color: 'yellow' })
    }
  })
  return (
    <Page title={words.myTasks} aside={<KeptHere query={myTasks} />}>
      {rows === undefined ? (
        <ListWait list={list} />
      ) : rows.length === 0 ? (
        <div className="card">
          <Empty icon={IconDeviceTablet} title={words.noTasksForMe}>
            {words.noTasksForMeHint}
          </Empty>
        </div>
      ) : (
        <ul className="picking-list">
          {rows.map(row => (
            <TaskLine key={row.id} row={row} isPending={pending.has(row.id)} />
          ))}
        </ul>
      )}
      <FreeTasks list={free} />
    </Page>
  )
}

const pathOf = (row: { readonly id: string }): string =>
  `/warehouse/picking/${encodeURIComponent(localId('trebovanje', row.id))}`

interface TaskLineProps {
  readonly row: RowOf<typeof Trebovanje>
  readonly isPending: boolean
}

const TaskLine = ({ row, isPending }: TaskLineProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const me = useMyId()
  const now = useNow()
  const mine = row.tasks.filter(({ worker, state }) => worker === me && state !== 'cancelled')
  const total = mine.reduce((sum, task) => sum + task.totalItems, 0)
  const completed = mine.reduce((sum, task) => sum + task.completedItems, 0)
  const progress = Math.min(...mine.map(task => task.progress), 100)
  return (
    <li>
      <Link to={pathOf(row)} className="picking-line card" data-testid={`task-${row.number}`}>
        <span className="picking-line-head">
          <strong className="picking-number">{row.number}</strong>
          {isPending && <StateDot save="on device" />}
          {row.priority !== 'low' && <PriorityMark priority={row.priority} />}
          {row.due !== null && <Due at={row.due} isLate={row.due < now} />}
        </span>
        <span>
          {row.customer}
          {row.warehouse !== null && <span className="quiet"> · {row.warehouse}</span>}
        </span>
        <Progress
          size="lg"
          value={progress}
          state={row.status}
          label={labelled(row.number, words.progress)}
        />
        <span className="quiet">{words.itemsOf(format.number(completed), total)}</span>
      </Link>
    </li>
  )
}

const FreeTasks = ({ list }: { readonly list: UsedList<typeof Trebovanje> }) => {
  const words = useWarehouseWords()
  const me = useMyId()
  const now = useNow(60_000)
  const { rows } = list
  const { give } = useAssign()
  if (rows === undefined || rows.length === 0) return null
  return (
    <section aria-label={words.freeToTake}>
      <h2 className="picking-subtitle">{words.freeToTake}</h2>
      <ul className="picking-list">
        {rows.map(row => (
          <li key={row.id} className="picking-free card">
            <span>
              <strong>{row.number}</strong> {row.customer}
              <br />
              <span className="quiet">{words.part(row.totalItems)}</span>
            </span>
            <Button
              size="lg"
              className="glove"
              variant="light"
              leftSection={<IconHandGrab size={20} />}
              aria-label={labelled(words.take, row.number)}
              onClick={() => void give({ trebovanje: row.id, worker: me, day: dayOf(now) })}
            >
              {words.take}
            </Button>
          </li>
        ))}
      </ul>
      <MoreRows list={list} />
    </section>
  )
}
