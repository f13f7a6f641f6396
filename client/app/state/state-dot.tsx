import { Tooltip } from '@mantine/core'
import { IconAlertTriangleFilled } from '@tabler/icons-react'
import type { SaveState } from '../../index.ts'
import { useAppWords } from '../words/app-words.ts'
import './state.css'

/**
 * How far an edit has come. Saved shows nothing; a hollow dot is only in this page, a half one survives closing it,
 * a red triangle was refused. Shape says it, the words say it, colour only helps.
 */
export const StateDot = ({ save, why }: { readonly save: SaveState; readonly why?: string | null }) => {
  const words = useAppWords()
  if (save === 'saved') return null
  const label =
    save === 'refused'
      ? why == null
        ? words.refused
        : words.refusedWith(why)
      : save === 'pending'
        ? words.pending
        : words.onDevice
  return (
    <Tooltip label={label} withArrow multiline maw={280} events={{ hover: true, focus: true, touch: true }}>
      <span className="state-dot" role="img" aria-label={label} data-save={save}>
        {save === 'refused' && <IconAlertTriangleFilled size={14} aria-hidden />}
      </span>
    </Tooltip>
  )
}
