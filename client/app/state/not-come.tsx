import { notifications, useNotifications } from '@mantine/notifications'
import { useSettled } from '../shell/use-settled.ts'
import { useAppWords } from '../words/app-words.ts'
import { Offer } from './offer.tsx'

const PATIENCE_MS = 4_000

interface NotComeProps {
  /** Somebody waits for the part. */
  readonly isAsked: boolean
  readonly onNo: () => void
}

/** Firefox fetches a part that failed once only for a page that is loaded anew. */
export const NotCome = ({ isAsked, onNo }: NotComeProps) => {
  const words = useAppWords()
  if (!useSettled(isAsked, PATIENCE_MS)) return null
  return (
    <Offer
      title={words.partMissing}
      text={words.partMissingHint}
      yes={words.reload}
      onYes={() => location.reload()}
      onNo={onNo}
    />
  )
}

/** In the place of notices. */
export const NoticesNotCome = () => (
  <NotCome isAsked={useNotifications().notifications.length > 0} onNo={() => notifications.clean()} />
)
