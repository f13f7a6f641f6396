import { useFormat } from '../format/use-format.ts'
import { useAppWords } from '../words/app-words.ts'

interface CutShortProps {
  readonly list: { readonly isCut: boolean; readonly rows: readonly unknown[] | undefined }
}

/** Where what is counted or shown is not all that there is. */
export const CutShort = ({ list: { isCut, rows } }: CutShortProps) => {
  const words = useAppWords()
  const format = useFormat()
  return isCut ? (
    <p className="cut-short" role="status">
      {words.listCut(format.number(rows?.length ?? 0))}
    </p>
  ) : null
}
