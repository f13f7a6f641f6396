import { Button } from '@mantine/core'
import type { RecordType } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useDigest } from '../../react/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'
import { ChangeText } from './change-text.tsx'
import { type ShowValue, useShownValue } from './readable-changes.ts'
import { readableDigest } from './readable-digest.ts'

interface WhileAwayProps {
  readonly type: RecordType
  readonly room: string
  readonly fieldName: (path: string) => string
  readonly showValue: ShowValue | undefined
}

/** What others changed since one was last here, and what became of one's own edits. */
export const WhileAway = ({ type, room, fieldName, showValue }: WhileAwayProps) => {
  const words = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const shown = useShownValue(type, showValue)
  const { items, dismiss } = useDigest()
  const here = (items ?? []).filter(item => item.room === room)
  const lines = readableDigest(type, here, fieldName, shown)
  if (lines.length === 0) return null
  return (
    <section className="while-away" aria-label={words.away}>
      <div className="while-away-head">
        <strong>{words.away}</strong>
        <Button size="compact-sm" variant="default" onClick={() => dismiss(room)}>
          {words.dismiss}
        </Button>
      </div>
      <ul className="activity-list">
        {lines.map(({ item: { path, by, at, outcome }, change }) => (
          <li key={`${path} ${at}`}>
            <ChangeText change={change} />{' '}
            <span className="record-meta">
              {/* Who wrote in a text it does not say; and what stands where one's own was refused, others wrote. */}
              {[...(by === '' || outcome === 'refused' ? [] : [nameOf(by)]), format.dateTime(at)].join(', ')}
              {outcome === 'mine lost' && ` · ${words.awayMineLost}`}
              {outcome === 'mine won' && ` · ${words.awayMineWon}`}
              {outcome === 'refused' && ` · ${words.awayRefused}`}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
