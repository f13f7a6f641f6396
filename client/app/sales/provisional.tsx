import { useAppWords } from '../words/app-words.ts'

/** The number of a document; until the server has given it, one reads that it is on its way. */
export const DocumentNumber = ({ number }: { readonly number: string | null }) => {
  const words = useAppWords()
  return number === null ? (
    <span className="provisional tentative" title={words.provisionalHint}>
      {words.provisional}
    </span>
  ) : (
    <span className="document-number">{number}</span>
  )
}
