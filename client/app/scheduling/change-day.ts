import { Availability } from '../../../shared/index.ts'
import type { Desk, LiveRecord } from '../../index.ts'
import { tryTo } from '../record-page/say-trouble.ts'

/** A change of a day that may not be open. Whether it was taken. */
export const changeDay = async (
  desk: Desk,
  id: string,
  work: (day: LiveRecord<typeof Availability>) => void,
): Promise<boolean> => {
  const day = desk.open(Availability, id)
  await day.whenReady()
  const isDone = tryTo(() => work(day))
  day.close()
  return isDone
}
