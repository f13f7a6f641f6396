import type { useSchedulingWords } from './scheduling-words.ts'

/** Fields whose words are not named after them. */
export const schedulingFields = (
  words: ReturnType<typeof useSchedulingWords>,
): { readonly [field: string]: string } => ({
  slots: words.slot,
  booking: words.booked,
  date: words.day,
  staffName: words.staff,
})
