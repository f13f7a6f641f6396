/** Where this tab keeps what a person has half written, and the device what waits for an answer. */
export const draftsOf = (person: string): string => `corecord draft ${person} `

/** Whoever signs out leaves nothing here. */
export const forgetDrafts = (person: string): void => {
  for (const storage of [() => sessionStorage, () => localStorage]) {
    try {
      for (const key of Object.keys(storage()))
        if (key.startsWith(draftsOf(person))) storage().removeItem(key)
    } catch {
      // Nothing was kept.
    }
  }
}
