import { IconCloudOff } from '@tabler/icons-react'
import { useSync } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useSettled } from '../shell/use-settled.ts'
import { useAppWords } from '../words/app-words.ts'
import './state.css'

/** Quiet, because off line is a way of working and no mishap. */
export const OfflineBanner = () => {
  const words = useAppWords()
  const format = useFormat()
  const { carrier, asOf } = useSync()
  // A link that is up within two seconds was never off line to a person.
  const isOffline = useSettled(carrier === null, 2_000)
  if (!isOffline) return null
  return (
    <div className="offline-banner" role="status">
      <IconCloudOff size={16} aria-hidden />
      <span>{asOf === null ? words.offlineBannerNever : words.offlineBanner(format.dateTime(asOf))}</span>
    </div>
  )
}
