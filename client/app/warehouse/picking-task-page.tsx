import { Button } from '@mantine/core'
import { IconArrowLeft, IconCircleCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { Trebovanje, type ViewOf } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useDesk, usePresence, useRecord } from '../../react/index.ts'
import { dayOf } from '../format/day.ts'
import { useFormat } from '../format/use-format.ts'
import { NotReady } from '../record-page/record-page.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { Link } from '../route/link.tsx'
import { navigate } from '../route/route.ts'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Page } from '../shell/page.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { People } from '../state/people.tsx'
import { SaveStateOf } from '../state/save-state.tsx'
import { useAppWords } from '../words/app-words.ts'
import { ItemSheet } from './item-sheet.tsx'
import { findItem, itemsToPick } from './pick-list.ts'
import { PickList } from './pick-list-view.tsx'
import { KeptHere } from './kept-here.tsx'
import { myTasks } from './my-tasks.ts'
import { Progress } from './progress.tsx'
import { ScanBox, type ScanWord } from './scan-box.tsx'
import { feel } from './feel.ts'
import { useAssign } from './use-assign.ts'
import { useScanner } from './use-scanner.ts'
import { useWarehouseWords } from './warehouse-words.ts'
import { Modal } from '../state/dialog.tsx'

/** One trebovanje on the tablet: scan, report, complete. It works the same with no connection. */
export const PickingTaskPage = ({ id }: { readonly id: string }) => {
  const { view, record, state, error, status } = useRecord(Trebovanje, id)
  const words = useWarehouseWords()
  const { people } = usePresence(Trebovanje, id)
  if (view === undefined || record === null) {
    return (
      <Page title={words.myTasks} heading={<BackToTasks />}>
        <NotReady state={state} trouble={error} />
      </Page>
    )
  }
  return (
    <Page
      title={view.number}
      heading={
        <div>
          <BackToTasks />
          <h1 className="page-title">
            {view.number} <span className="quiet">{view.customer}</span>
          </h1>
        </div>
      }
      aside={
        <>
          <KeptHere query={myTasks} />
          <People people={people} />
          <SaveStateOf status={status} />
        </>
      }
    >
      <Picking view={view} record={record} />
    </Page>
  )
}

const BackToTasks = () => {
  const words = useWarehouseWords()
  return (
    <Link to="/warehouse/picking" className="picking-back">
      <IconArrowLeft size={20} aria-hidden /> {words.myTasks}
    </Link>
  )
}

interface PickingProps {
  readonly view: ViewOf<typeof Trebovanje>
  readonly record: LiveRecord<typeof Trebovanje>
}

const Picking = ({ view, record }: PickingProps) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const me = useMyId()
  const desk = useDesk()
  const { items, standing } = itemsToPick(view, me)
  const [word, setWord] = useState<ScanWord | null>(null)
  const [chosen, setChosen] = useState<string | null>(null)
  const [isCompleting, setIsCompleting] = useState(false)
  const isOpen = standing === 'mine' || standing === 'not mine yet'

  const count = (item: (typeof items)[number], quantity: number, code = item.sku): void => {
    if (!tryTo(() => record.log('scans').add({ item: item.id, code, quantity }))) {
      feel('wrong')
      return
    }
    feel('good')
    const picked = Math.round((item.picked + quantity) * 1_000) / 1_000
    setWord({
      kind: 'good',
      item: item.id,
      text: words.counted(item.name, format.number(picked), `${format.number(item.required)} ${item.unit}`),
      isWhole: picked >= item.required,
    })
  }
  const onCode = (typed: string): void => {
    // It counts nowhere any more: whoever looks at the shelf and not at the screen is to hear it.
    if (!isOpen) {
      feel('wrong')
      return
    }
    const found = findItem(items, typed)
    if (found === null) {
      feel('wrong')
      setWord({ kind: 'wrong', text: words.unknownCode(typed.trim()) })
    } else if (found.item.state === 'complete' && found.quantity > 0) {
      feel('wrong')
      const { item, quantity, code } = found
      setWord({
        kind: 'question',
        text: words.alreadyComplete(item.name),
        answer: words.countAnyway,
        onAnswer: () => count(item, quantity, code),
      })
    } else count(found.item, found.quantity, found.code)
  }
  useScanner(onCode, typed => findItem(items, typed) !== null)
  const open = items.filter(item => item.settled < 1)
  const chosenItem = items.find(item => item.id === chosen)
  const settled = items.reduce((sum, item) => sum + item.settled, 0)
  return (
    <>
      <StandingWord standing={standing} trebovanje={view.status === 'new' ? record.id : null} />
      <JustChanged of={settled} className="picking-progress">
        <Progress
          size="lg"
          value={items.length === 0 ? 0 : Math.floor((100 * settled) / items.length + 1e-9)}
          state={view.status}
          label={words.progress}
        />
        <span className="quiet">
          {words.itemsOf(format.number(items.length - open.length), items.length)}
        </span>
      </JustChanged>
      {isOpen && <ScanBox word={word} onCode={onCode} />}
      {isOpen &&
        view.offList
          .filter(({ by }) => by === me)
          .map(({ item, code, quantity }) => (
            <p key={item} className="picking-standing" role="status" data-testid={`off-list-${code}`}>
              {words.offList(code, format.number(quantity))}
              <Button
                className="glove"
                size="lg"
                onClick={() => {
                  if (tryTo(() => record.log('scans').add({ item, code, quantity: -quantity }))) feel('good')
                }}
              >
                {words.isBack}
              </Button>
            </p>
          ))}
      <PickList items={items} last={word?.item ?? null} onChoose={setChosen} isOpen={isOpen} />
      {isOpen && (
        <Button
          fullWidth
          className="glove glove-wide"
          size="xl"
          leftSection={<IconCircleCheck size={26} />}
          variant={open.length === 0 ? 'filled' : 'default'}
          onClick={() => setIsCompleting(true)}
        >
          {words.completeDocument}
        </Button>
      )}
      {chosenItem !== undefined && (
        <ItemSheet
          item={chosenItem}
          view={view}
          record={record}
          onCount={quantity => count(chosenItem, quantity)}
          onClose={() => setChosen(null)}
        />
      )}
      <CompleteQuestion
        isOpen={isCompleting}
        number={view.number}
        unfinished={view.picked.filter(item => item.settled < 1).length}
        onClose={() => setIsCompleting(false)}
        onComplete={() => {
          setIsCompleting(false)
          if (!tryTo(() => record.set({ closedAt: Math.floor(desk.clock.now()) }))) return
          feel('good')
          navigate('/warehouse/picking')
        }}
      />
    </>
  )
}

interface StandingWordProps {
  readonly standing: ReturnType<typeof itemsToPick>['standing']
  /** Where nobody has it: what may be taken. */
  readonly trebovanje: string | null
}

const StandingWord = ({ standing, trebovanje }: StandingWordProps) => {
  const words = useWarehouseWords()
  const desk = useDesk()
  const me = useMyId()
  const mayTake = useHasRole('magacioner', 'shift_lead')
  const { give } = useAssign()
  const text = {
    mine: null,
    'not mine yet': words.notYoursYet,
    'not mine any more': words.notYours,
    cancelled: words.wasCancelled,
    done: words.itIsDone,
  }[standing]
  if (text === null) return null
  return (
    <p className="picking-standing" data-standing={standing} role="status">
      {text}
      {standing === 'not mine yet' && trebovanje !== null && mayTake && (
        <Button
          className="glove"
          size="lg"
          onClick={() => void give({ trebovanje, worker: me, day: dayOf(desk.clock.now()) })}
        >
          {words.take}
        </Button>
      )}
    </p>
  )
}

interface CompleteQuestionProps {
  readonly isOpen: boolean
  readonly number: string
  readonly unfinished: number
  readonly onClose: () => void
  readonly onComplete: () => void
}

const CompleteQuestion = ({ isOpen, number, unfinished, onClose, onComplete }: CompleteQuestionProps) => {
  const words = useWarehouseWords()
  const appWords = useAppWords()
  return (
    <Modal opened={isOpen} onClose={onClose} centered title={words.completeTitle(number)}>
      <div className="stack">
        <p className="picking-question">
          {unfinished === 0 ? words.completeAll : words.completeOpen(unfinished)}
        </p>
        <Button fullWidth className="glove" size="xl" onClick={onComplete} data-autofocus>
          {words.completeDocument}
        </Button>
        <Button fullWidth className="glove" size="xl" variant="default" onClick={onClose}>
          {appWords.cancel}
        </Button>
      </div>
    </Modal>
  )
}
