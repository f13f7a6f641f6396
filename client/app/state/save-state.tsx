import type { RecordStatus } from '../../index.ts'
import { useAppWords } from '../words/app-words.ts'
import { StateDot } from './state-dot.tsx'
import './state.css'

/** A whole record's: nothing when all is saved. */
export const SaveStateOf = ({ status }: { readonly status: RecordStatus }) => {
  const words = useAppWords()
  if (status.save === 'saved') return null
  return (
    <span className="save-state">
      <StateDot save={status.save} /> {status.pending > 0 && words.unsent(status.pending)}
    </span>
  )
}
