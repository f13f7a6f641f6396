import { useAppWords } from '../words/app-words.ts'
import { RecordTitle } from '../state/record-title.tsx'
import type { ReadableChange, Shown } from './readable-changes.ts'

/** «Quantity: 5 → 7», «Items: + Pump · 2». */
export const ChangeText = ({ change: { label, kind, from, to } }: { readonly change: ReadableChange }) => {
  const words = useAppWords()
  if (kind === 'text') return words.activityChanged(label)
  const sign = { value: '', added: '+ ', removed: '− ', restored: '↩ ' }[kind]
  return (
    <>
      {words.beforeValue(label)}{' '}
      {from !== null && (
        <>
          <span className="activity-value">
            <ShownValue value={from} />
          </span>{' '}
          →{' '}
        </>
      )}
      <span className="activity-value">
        {sign}
        {to === '' && kind === 'removed' ? words.activityEntryRemoved : <ShownValue value={to} />}
      </span>
    </>
  )
}

export const ShownValue = ({ value }: { readonly value: Shown }) =>
  typeof value === 'string' ? value : <RecordTitle room={value.room} />
