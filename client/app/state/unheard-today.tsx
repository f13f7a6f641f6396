import { useSync } from '../../react/index.ts'
import { useAppWords } from '../words/app-words.ts'
import { useHeldUp } from './use-held-up.ts'

/** Beside figures of a day that began off line: of that day they count what this device did, and no more. */
export const UnheardToday = ({ midnight }: { readonly midnight: number }) => {
  const words = useAppWords()
  const { asOf } = useSync()
  const isOffline = useHeldUp() === 'offline'
  return isOffline && asOf !== null && asOf < midnight ? (
    <p className="cut-short" role="status">
      {words.unheardToday}
    </p>
  ) : null
}
