import { useEffect, useState } from 'react'
import { IconCloudOff, IconDatabaseOff, IconHourglass } from '@tabler/icons-react'
import { useSync } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { SessionEnded, useHasSessionEnded } from '../session/session-ended.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useHeldUp, useUnsavedSentence } from './use-held-up.ts'
import { useStorageSentence } from './use-storage-sentence.ts'
import './state.css'

/**
 * Off line, held up by the server, or without what this device has kept. Quiet, because off line is a way of working,
 * and nothing written is lost; unless this device keeps nothing, which is said then.
 */
export const SyncBanner = () => {
  const words = useAppWords()
  const format = useFormat()
  const { asOf, storage } = useSync()
  const heldUp = useHeldUp()
  const unsaved = useUnsavedSentence()
  const notKept = useStorageSentence()
  const [hasBeenHeldUp, setHasBeenHeldUp] = useState(false)
  useEffect(() => {
    if (heldUp !== null) setHasBeenHeldUp(true)
  }, [heldUp])
  const isUnread = storage === 'stuck' || storage === 'corrupt'
  if (useHasSessionEnded()) return <SessionEnded />
  const offline = asOf === null ? words.offlineBannerNever : words.offlineBanner(format.dateTime(asOf))
  const kept = asOf === null ? null : words.offlineKept
  const sentences = [
    heldUp === null ? null : { offline, unsaved, unanswered: words.unanswered }[heldUp],
    isUnread ? notKept : heldUp === 'offline' ? (notKept ?? kept) : null,
  ]
  const Icon = heldUp === null ? IconDatabaseOff : heldUp === 'offline' ? IconCloudOff : IconHourglass
  // It is there before it says anything: what comes with its words is not heard.
  return (
    <div role="status">
      {heldUp !== null || isUnread ? (
        <div className="sync-banner">
          <Icon size={16} aria-hidden />
          <span>{sentences.filter(sentence => sentence !== null).join(' ')}</span>
        </div>
      ) : (
        hasBeenHeldUp && <span className="visually-hidden">{words.backOnline}</span>
      )}
    </div>
  )
}
