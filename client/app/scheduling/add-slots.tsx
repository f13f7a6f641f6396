import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { Availability, availabilityId, type RowOf } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { useDayFormat } from '../format/day.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useWritten } from '../session/use-written.ts'
import { localeOf, useLanguage } from '../words/language.ts'
import { zoneHere, zoneName } from './place-zone.tsx'
import { useSchedulingWords } from './scheduling-words.ts'
import { SlotForm, type SlotsWanted } from './slot-form.tsx'
import { Modal } from '../state/dialog.tsx'
import { changeDay } from './change-day.ts'

interface AddSlotsProps {
  readonly staff: string
  readonly staffName: string
  readonly day: string
  /** Of the other days. */
  readonly zone: string | null
  readonly row: RowOf<typeof Availability> | undefined
  readonly onClose: () => void
}

export const AddSlots = ({ staff, staffName, day, zone, row, onClose }: AddSlotsProps) => {
  const desk = useDesk()
  const words = useSchedulingWords()
  const format = useDayFormat()
  const draft = useWritten<SlotsWanted>(`slots ${availabilityId(staff, day)}`)
  const locale = localeOf(useLanguage())
  const here = zoneHere()
  const [chosenZone, setChosenZone] = useState(zone ?? here)
  const close = (): void => {
    draft.forget()
    onClose()
  }
  const add = async (slots: readonly { readonly from: number; readonly to: number }[]): Promise<void> => {
    const id = availabilityId(staff, day)
    if (row === undefined) {
      const made = tryTo(() =>
        desk
          .create(Availability, { staff, staffName, date: day, zone: chosenZone }, { id, entries: { slots } })
          .close(),
      )
      if (made) close()
      return
    }
    const isDone = await changeDay(desk, id, record => {
      for (const slot of slots) record.list('slots').add(slot)
    })
    if (isDone) close()
  }
  return (
    <Modal
      opened
      onClose={close}
      onBack={onClose}
      title={format.long(day)}
      // A hand that slips beside the sheet loses nothing that was written.
      closeOnClickOutside={false}
    >
      {row === undefined && zone !== null && zone !== here && (
        <NativeSelect
          mb={14}
          label={words.zone}
          value={chosenZone}
          onChange={event => setChosenZone(event.currentTarget.value)}
          data={[zone, here].map(value => ({ value, label: zoneName(value, locale) }))}
        />
      )}
      <SlotForm taken={row?.slots ?? []} draft={draft} onAdd={slots => void add(slots)} />
    </Modal>
  )
}
