import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { localId } from '../../../shared/index.ts'
import { DayTurn } from '../fields/day-turn.tsx'
import { addDays } from '../format/day.ts'
import { useNow } from '../format/use-now.ts'
import { notBefore } from '../format/wall-time.ts'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { ListWait } from '../state/list-wait.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useClockTime } from './clock-time.ts'
import { useDayList, useWeekList } from './day-lists.ts'
import { usePlaceZone } from './place-zone.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import type { SlotPlace } from './slot-place.ts'

/** Whose days the page behind shows, and so has as they last were. */
export type DaysBehind = 'of all' | 'of one' | 'of the week'

interface MoveFormProps {
  readonly place: SlotPlace
  readonly behind: DaysBehind
  readonly onChoose: (to: SlotPlace) => void
  readonly onBack: () => void
}

/** Where a booking may go: what is free on a day, of everybody for an operator, of one's own for a therapist. */
export const MoveForm = ({ place, behind, onChoose, onBack }: MoveFormProps) => {
  const words = useSchedulingWords()
  const appWords = useAppWords()
  const time = useClockTime()
  const me = useMyId()
  const isOperator = useHasRole('operator')
  const now = useNow(30_000)
  const zone = usePlaceZone(isOperator ? '' : me)
  const [date, setDate] = useState(place.date)
  const staff = place.availability.slice(0, -'_yyyy-mm-dd'.length)
  const ofAll = useDayList(date, isOperator ? '' : null)
  const ofOne = useDayList(date, isOperator ? staff : null)
  const week = useWeekList(isOperator ? staff : me, date)
  const lists = isOperator ? [ofAll, ofOne, week] : [week]
  // Off line that of the page behind: another may lie on the device since some sheet of last week.
  const shown = { 'of all': ofAll, 'of one': ofOne, 'of the week': week }[behind]
  const list =
    lists.find(({ state }) => state === 'live') ??
    [shown, ...lists].find(({ rows }) => rows !== undefined) ??
    lists[0] ??
    week
  const from = notBefore({ date, minute: 0 }, now, zone)
  const days = (list.rows ?? [])
    .filter(row => row.date === date)
    .map(row => ({
      ...row,
      slots: row.slots.filter(
        slot => slot.booking === null && from.date === date && slot.from >= from.minute,
      ),
    }))
    .filter(({ slots }) => slots.length > 0)
  return (
    <div className="booking-form">
      <DayTurn
        size={44}
        back={{ label: words.previousDay, onClick: () => setDate(addDays(date, -1)) }}
        on={{ label: words.nextDay, onClick: () => setDate(addDays(date, 1)) }}
      >
        <TextInput
          type="date"
          size="md"
          className="move-day"
          aria-label={words.day}
          value={date}
          onChange={event => event.currentTarget.value !== '' && setDate(event.currentTarget.value)}
        />
      </DayTurn>
      {list.rows === undefined ? (
        <ListWait list={list} />
      ) : days.length === 0 ? (
        <Empty isQuiet title={words.noneFreeThatDay} />
      ) : (
        days.map(row => (
          <section key={row.id} aria-label={row.staffName ?? ''}>
            {isOperator && <h3 className="move-staff">{row.staffName}</h3>}
            <div className="move-slots">
              {row.slots.map(slot => (
                <Button
                  key={slot.id}
                  variant="light"
                  size="md"
                  data-testid={`move-${row.staff}-${slot.from}`}
                  onClick={() =>
                    onChoose({
                      availability: localId('availability', row.id),
                      slot: slot.id,
                      from: slot.from,
                      date,
                      staffName: row.staffName ?? '',
                    })
                  }
                >
                  {time(slot.from)}–{time(slot.to)}
                </Button>
              ))}
            </div>
          </section>
        ))
      )}
      <Button variant="default" size="md" onClick={onBack}>
        {appWords.cancel}
      </Button>
    </div>
  )
}
