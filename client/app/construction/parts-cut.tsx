import type { UsedBelonging } from '../../react/index.ts'
import { CutShort } from '../state/cut-short.tsx'

interface PartsCutProps {
  readonly belonging: Pick<UsedBelonging, 'cut' | 'lists'>
  /** Of one type alone, where a page shows no other. */
  readonly type?: string
}

/** What is counted, summed up or drawn up from parts of a project is not of all of them. */
export const PartsCut = ({ belonging: { cut, lists }, type }: PartsCutProps) => {
  const [first] = [...cut].filter(name => type === undefined || name === type)
  return first === undefined ? null : <CutShort list={{ isCut: true, rows: lists[first] }} />
}
