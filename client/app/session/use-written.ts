import { useKeptDraft } from './use-kept-draft.ts'

export interface Written<T> {
  readonly typed: Partial<T>
  readonly type: (part: Partial<T>) => void
  readonly forget: () => void
}

/** What is half written in a sheet, and there again after a reload; whoever closes the sheet lets go of it. */
export const useWritten = <T>(about: string): Written<T> => {
  const [kept, keep] = useKeptDraft(about)
  // As this very hook wrote it.
  const typed = kept === '' ? {} : (JSON.parse(kept) as Partial<T>)
  return {
    typed,
    type: part => keep(JSON.stringify({ ...typed, ...part })),
    forget: () => keep(''),
  }
}
