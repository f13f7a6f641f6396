import { matches } from '../../../shared/index.ts'

/** As a search would find it: whatever the case, the accents, and the letters that a keyboard lacks. */
export const isFoundBy = (text: string, letters: string): boolean =>
  matches({ text: { contains: letters } }, { id: '', text }, NOBODY)

const NOBODY = { id: '', roles: [], claims: {} }
