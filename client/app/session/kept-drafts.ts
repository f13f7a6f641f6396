/** Where this tab keeps what a person has half written. */
export const draftsOf = (person: string): string => `corecord draft ${person} `

/** Whoever signs out leaves nothing here. */
export const forgetDrafts = (person: string): void => {
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(draftsOf(person))) sessionStorage.removeItem(key)
  } catch {
    // Nothing was kept.
  }
}
