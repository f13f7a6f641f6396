import type { UsedList } from '../../react/index.ts'
import type { RecordType } from '../../../shared/index.ts'
import { useAppWords } from '../words/app-words.ts'
import { reasonNow } from '../words/type-words.ts'
import { Empty } from './empty.tsx'

interface ListWaitProps {
  readonly list: Pick<UsedList<RecordType>, 'state' | 'error'>
  /** It has the screen to itself. */
  readonly isAlone?: boolean
}

/** Where a list has no rows to show yet: it is on its way, not on this device, or not to be had, and never «loading» for ever. */
export const ListWait = ({ list: { state, error }, isAlone = false }: ListWaitProps) => {
  const words = useAppWords()
  switch (state) {
    case 'error':
      return (
        <Empty isQuiet={!isAlone} role="alert" title={words.listFailed}>
          {error !== null && reasonNow(error)}
        </Empty>
      )
    case 'unavailable':
      return (
        <Empty isQuiet={!isAlone} title={words.listUnavailable}>
          {words.listUnavailableHint}
        </Empty>
      )
    default:
      return <Empty isQuiet={!isAlone} title={words.loading} />
  }
}
