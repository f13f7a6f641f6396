import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { IconUserPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { joinPath, type Task, Trebovanje, type ViewOf } from '../../../shared/index.ts'
import { useField } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useNameOf, usePeopleWithRole } from '../session/directory.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { ConflictChip } from '../state/conflict-chip.tsx'
import { Empty } from '../state/empty.tsx'
import { Face } from '../state/face.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { reasonNow } from '../words/type-words.ts'
import { Progress, StatusChip } from './progress.tsx'
import { useAssign } from './use-assign.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { labelled } from '../words/labelled.ts'
import { Modal } from '../state/dialog.tsx'

interface TaskCardsProps {
  readonly id: string
  readonly view: ViewOf<typeof Trebovanje>
}

/** Zadužnice: who has which part of it. */
export const TaskCards = ({ id, view }: TaskCardsProps) => {
  const words = useWarehouseWords()
  const isLead = useHasRole('shift_lead', 'manager')
  const mayAssign = useMayWrite(Trebovanje, id, 'zaduznice') && isLead
  const isOpen = view.closedAt === null && !view.cancelled
  const [giving, setGiving] = useState<{ readonly task: Task | null } | null>(null)
  const tasks = view.tasks.filter(task => task.state !== 'cancelled')
  return (
    <section className="card card-body" aria-label={words.tasks}>
      <h2 className="card-title">{words.tasks}</h2>
      {tasks.length === 0 && <Empty isQuiet title={words.noTasks} />}
      <ul className="plain-list">
        {tasks.map(task => (
          <TaskCard
            key={task.id}
            id={id}
            task={task}
            mayAssign={mayAssign && isOpen}
            onGive={() => setGiving({ task })}
          />
        ))}
      </ul>
      {mayAssign && isOpen && (
        <Button
          fullWidth
          mt="md"
          variant="light"
          leftSection={<IconUserPlus size={16} />}
          onClick={() => setGiving({ task: null })}
        >
          {words.assign}
        </Button>
      )}
      {giving !== null && <GiveForm id={id} view={view} task={giving.task} onClose={() => setGiving(null)} />}
    </section>
  )
}

interface TaskCardProps {
  readonly id: string
  readonly task: Task
  readonly mayAssign: boolean
  readonly onGive: () => void
}

const TaskCard = ({ id, task, mayAssign, onGive }: TaskCardProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const { takeBack } = useAssign()
  const path = joinPath('zaduznice', task.id, 'worker')
  const worker = useField(Trebovanje, id, path)
  const name = task.worker === null ? appWords.nobody : nameOf(task.worker)
  return (
    <li
      className="task-card"
      data-tentative={worker.tentative ? '' : undefined}
      title={worker.tentative ? appWords.tentative : undefined}
    >
      <div className="task-card-head">
        <Face id={task.worker ?? ''} name={name} />
        <strong>{name}</strong>
        <StateDot
          save={worker.save}
          why={worker.problem === null ? null : reasonNow(worker.problem, Trebovanje)}
        />
        <ConflictChip
          place={{ type: Trebovanje.name, id, path }}
          label={words.worker}
          field={worker}
          show={value => (typeof value === 'string' ? nameOf(value) : appWords.nobody)}
          onKeep={() => worker.set(task.worker)}
          isReadOnly={worker.readOnly || !mayAssign}
        />
        <StatusChip status={task.state} />
      </div>
      <Progress value={task.progress} state={task.state} label={labelled(name, words.progress)} />
      <span className="quiet">
        {words.itemsOf(format.number(task.completedItems), task.totalItems)}
        {task.day !== null && ` · ${format.date(task.day)}`}
      </span>
      {mayAssign && task.state !== 'done' && (
        <div className="task-card-actions">
          <Button size="compact-sm" variant="default" onClick={onGive}>
            {words.reassign}
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            className="danger"
            onClick={() => void takeBack(id, task.id)}
          >
            {words.takeBack}
          </Button>
        </div>
      )}
    </li>
  )
}

interface GiveFormProps extends TaskCardsProps {
  readonly task: Task | null
  readonly onClose: () => void
}

const GiveForm = ({ id, view, task, onClose }: GiveFormProps) => {
  const words = useWarehouseWords()
  const people = usePeopleWithRole('magacioner')
  const { give } = useAssign()
  const [worker, setWorker] = useState('')
  const [day, setDay] = useState(task?.day ?? '')
  const [items, setItems] = useState<readonly string[]>([])
  const [isPart, setIsPart] = useState(false)
  const submit = (): void => {
    if (worker === '') return
    void give({
      trebovanje: id,
      worker,
      ...(task === null ? {} : { zaduznica: task.id }),
      ...(day === '' ? {} : { day }),
      ...(isPart && task === null && items.length > 0 ? { items } : {}),
    })
    onClose()
  }
  return (
    <Modal opened onClose={onClose} title={task === null ? words.assign : words.reassign}>
      <form
        className="stack"
        onSubmit={event => {
          event.preventDefault()
          submit()
        }}
      >
        <NativeSelect
          label={words.giveTo}
          data-autofocus
          value={worker}
          onChange={event => setWorker(event.currentTarget.value)}
          data={[
            { value: '', label: '' },
            ...people.map(person => ({ value: person.id, label: person.name })),
          ]}
        />
        <TextInput
          type="date"
          label={words.day}
          value={day}
          onChange={event => setDay(event.currentTarget.value)}
        />
        {task === null && (
          <fieldset className="bare-fieldset">
            <legend>{words.wholeOrPart}</legend>
            <Checkbox
              label={words.whole}
              checked={!isPart}
              onChange={event => setIsPart(!event.currentTarget.checked)}
              mb="xs"
            />
            {isPart &&
              view.picked.map(item => (
                <Checkbox
                  key={item.id}
                  mb={6}
                  label={`${item.name} (${item.required} ${item.unit})`}
                  checked={items.includes(item.id)}
                  onChange={event =>
                    setItems(
                      event.currentTarget.checked
                        ? [...items, item.id]
                        : items.filter(one => one !== item.id),
                    )
                  }
                />
              ))}
          </fieldset>
        )}
        <Button type="submit" disabled={worker === '' || (isPart && task === null && items.length === 0)}>
          {words.assign}
        </Button>
      </form>
    </Modal>
  )
}
