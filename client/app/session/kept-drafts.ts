import { ofDevice } from './kept.ts'

/** Where this tab keeps what a person has half written, and the device what waits for an answer. */
export const draftsOf = (person: string): string => `corecord draft ${person} `

/** Whoever signs out leaves nothing here. */
export const forgetDrafts = (person: string): void => {
  forgetDraftsHere(person)
  forgetIn(person, () => localStorage)
}

/** Of this tab: what the device keeps is the matter of the one in which they signed out. */
export const forgetDraftsHere = (person: string): void => forgetIn(person, () => sessionStorage)

/** They have signed out and come back for what is here: until they leave nothing behind, no tab lets go of it. */
export const keepDrafts = (person: string): void => ofDevice.write(keptMark(person), 'yes')

export const areDraftsKept = (person: string): boolean => ofDevice.read(keptMark(person)) !== null

/** It goes with the drafts. */
const keptMark = (person: string): string => `${draftsOf(person)}kept`

const forgetIn = (person: string, storage: () => Storage): void => {
  try {
    for (const key of Object.keys(storage())) if (key.startsWith(draftsOf(person))) storage().removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
