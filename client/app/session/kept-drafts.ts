/** Where this tab keeps what a person has half written, and the device what waits for an answer. */
export const draftsOf = (person: string): string => `corecord draft ${person} `

/** Whoever signs out leaves nothing here. */
export const forgetDrafts = (person: string): void => {
  forgetDraftsHere(person)
  forgetIn(person, () => localStorage)
}

/** Of this tab: what the device keeps is the matter of the one in which they signed out. */
export const forgetDraftsHere = (person: string): void => forgetIn(person, () => sessionStorage)

const forgetIn = (person: string, storage: () => Storage): void => {
  try {
    for (const key of Object.keys(storage())) if (key.startsWith(draftsOf(person))) storage().removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
