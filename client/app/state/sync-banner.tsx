import { IconCloudOff, IconHourglass } from '@tabler/icons-react'
import { useSync } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { SessionEnded, useHasSessionEnded } from '../session/session-ended.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useHeldUp, useUnsavedSentence } from './use-held-up.ts'
import './state.css'

/** Off line, or held up by the server. Quiet, because off line is a way of working, and nothing written is lost. */
export const SyncBanner = () => {
  const words = useAppWords()
  const format = useFormat()
  const { asOf } = useSync()
  const heldUp = useHeldUp()
  const unsaved = useUnsavedSentence()
  if (useHasSessionEnded()) return <SessionEnded />
  if (heldUp === null) return null
  const offline = asOf === null ? words.offlineBannerNever : words.offlineBanner(format.dateTime(asOf))
  const Icon = heldUp === 'offline' ? IconCloudOff : IconHourglass
  return (
    <div className="sync-banner" role="status">
      <Icon size={16} aria-hidden />
      <span>{{ offline, unsaved, unanswered: words.unanswered }[heldUp]}</span>
    </div>
  )
}
