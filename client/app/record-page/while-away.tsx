import { Button } from '@mantine/core'
import type { RecordType } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useDigest } from '../../react/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'
import { type ShowValue, useShownValue } from './readable-changes.ts'

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
  if (here.length === 0) return null
  return (
    <section className="while-away" aria-label={words.away}>
      <div className="while-away-head">
        <strong>{words.away}</strong>
        <Button size="compact-sm" variant="default" onClick={() => dismiss(room)}>
          {words.dismiss}
        </Button>
      </div>
      <ul className="activity-list">
        {here.map(({ path, before, after, by, at, outcome }) => (
          <li key={`${path} ${at}`}>
            {fieldName(path)}: <span className="activity-value">{shown(path, before)}</span> →{' '}
            <span className="activity-value">{shown(path, after)}</span>{' '}
            <span className="record-meta">
              {nameOf(by)}, {format.dateTime(at)}
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
