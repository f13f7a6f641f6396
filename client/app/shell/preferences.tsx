import { Checkbox, NativeSelect, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useDesk, useInbox } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useAskServer } from '../session/ask-server.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { Page } from './page.tsx'
import { usePreferenceWords } from './preference-words.ts'

const kinds = [
  'ticket_created',
  'assigned',
  'mention',
  'comment_added',
  'status_changed',
  'ticket_claimed',
  'time_logged',
  'shipment_arrived',
  'stock_low',
  'converted',
  'booked',
] as const
const places = ['inApp', 'push', 'mail'] as const

/** Kept with the person’s inbox, so they hold on every device. */
export default function Preferences() {
  const words = usePreferenceWords()
  const { view } = useInbox()
  return (
    <Page title={words.title}>
      <p className="preferences-lead">{words.lead}</p>
      <div className="record-stack">
        {view === undefined ? (
          <Empty isQuiet title={words.unavailable} />
        ) : (
          <>
            <Channels />
            <Quiet />
          </>
        )}
        <History />
      </div>
    </Page>
  )
}

const Channels = () => {
  const words = usePreferenceWords()
  const { inbox } = useDesk()
  const { view } = useInbox()
  const rows = [
    ['*', words.everything] as const,
    ...kinds.map(kind => [kind, words[`kind_${kind}`]] as const),
  ]
  return (
    <section className="card card-body" aria-label={words.title}>
      <table className="preferences">
        <thead>
          <tr>
            <th scope="col">{words.what}</th>
            {places.map(place => (
              <th key={place} scope="col">
                {words[place]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([kind, label]) => {
            const chosen = view?.channels.find(({ id }) => id === kind)
            return (
              <tr key={kind}>
                <th scope="row">{label}</th>
                {places.map(place => (
                  <td key={place}>
                    <Checkbox
                      aria-label={`${label}: ${words[place]}`}
                      // Where nothing was chosen, it is as the level of the notice has it.
                      indeterminate={chosen?.[place] == null}
                      checked={chosen?.[place] === true}
                      onChange={() => inbox.setChannels(kind, { [place]: chosen?.[place] !== true })}
                    />
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

const Quiet = () => {
  const words = usePreferenceWords()
  const { inbox } = useDesk()
  const { view } = useInbox()
  if (view === undefined) return null
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <section className="card card-body" aria-label={words.quiet}>
      <h2 className="card-title">{words.quiet}</h2>
      <p className="preferences-lead">{words.quietHint}</p>
      <div className="field-grid">
        <TextInput
          type="time"
          label={words.quietFrom}
          value={clockOf(view.quietFrom)}
          onChange={event => inbox.set({ quietFrom: minuteOf(event.currentTarget.value), timeZone })}
        />
        <TextInput
          type="time"
          label={words.quietTo}
          value={clockOf(view.quietTo)}
          onChange={event => inbox.set({ quietTo: minuteOf(event.currentTarget.value), timeZone })}
        />
        <NativeSelect
          label={words.digest}
          value={view.digest}
          data={(['off', 'daily', 'weekly'] as const).map(value => ({
            value,
            label: words[`digest_${value}`],
          }))}
          onChange={event => {
            const { value } = event.currentTarget
            if (value === 'off' || value === 'daily' || value === 'weekly')
              inbox.set({ digest: value, timeZone })
          }}
        />
      </div>
    </section>
  )
}

const clockOf = (minute: number | null): string =>
  minute === null
    ? ''
    : `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const minuteOf = (text: string): number | null => {
  const [, hours, minutes] = /^(\d\d):(\d\d)/.exec(text) ?? []
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes)
}

interface Past {
  readonly id: string
  readonly sentence: string
  readonly when: number
}

const History = () => {
  const words = usePreferenceWords()
  const appWords = useAppWords()
  const format = useFormat()
  const ask = useAskServer()
  const [text, setText] = useState('')
  const [found, setFound] = useState<readonly Past[] | 'failed' | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const timer = setTimeout(() => {
      ask(`/api/inbox/history?limit=50&q=${encodeURIComponent(text)}`, stop.signal).then(
        body => setFound(parsePast(body)),
        () => {
          if (!stop.signal.aborted) setFound('failed')
        },
      )
    }, 250)
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [ask, text])
  return (
    <section className="card card-body record-stack" aria-label={words.history}>
      <h2 className="card-title">{words.history}</h2>
      <TextInput
        aria-label={words.historySearch}
        placeholder={words.historySearch}
        value={text}
        onChange={event => setText(event.currentTarget.value)}
      />
      {found === null || found === 'failed' || found.length === 0 ? (
        <Empty
          isQuiet
          title={
            found === null ? appWords.loading : found === 'failed' ? words.historyOffline : words.historyEmpty
          }
        />
      ) : (
        <ul className="activity-list">
          {found.map(({ id, sentence, when }) => (
            <li key={id}>
              {sentence} <span className="quiet">{format.dateTime(when)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const parsePast = (body: unknown): readonly Past[] => {
  const list =
    typeof body !== 'object' || body === null
      ? []
      : (Object.values(body).find((value): value is unknown[] => Array.isArray(value)) ?? [])
  return list.flatMap(entry => {
    if (typeof entry !== 'object' || entry === null || !('id' in entry) || !('sentence' in entry)) return []
    const when = 'when' in entry && typeof entry.when === 'number' ? entry.when : 0
    return [{ id: String(entry.id), sentence: String(entry.sentence), when }]
  })
}
