import { IconCloudOff, IconHourglass } from '@tabler/icons-react'
import { useSync } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useSettled } from '../shell/use-settled.ts'
import { useAppWords } from '../words/app-words.ts'
import { useHeldUp } from './use-held-up.ts'
import './state.css'

/** Off line, or held up by the server. Quiet, because off line is a way of working, and nothing written is lost. */
export const SyncBanner = () => {
  const words = useAppWords()
  const format = useFormat()
  const { carrier, asOf, pending, onDevice } = useSync()
  // A link that is up within two seconds was never off line to a person.
  const isOffline = useSettled(carrier === null, 2_000)
  const heldUp = useHeldUp()
  if (!isOffline && heldUp === null) return null
  const Icon = isOffline ? IconCloudOff : IconHourglass
  const offline = asOf === null ? words.offlineBannerNever : words.offlineBanner(format.dateTime(asOf))
  const unsaved = onDevice >= pending ? words.unsavedKept : words.unsavedHere
  return (
    <div className="sync-banner" role="status">
      <Icon size={16} aria-hidden />
      <span>{isOffline ? offline : heldUp === 'unsaved' ? unsaved : words.unanswered}</span>
    </div>
  )
}
