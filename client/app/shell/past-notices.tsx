import { Button, TextInput } from '@mantine/core'
import { useEffect, useState } from 'react'
import { noticeIn, type NoticeLine } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { Link } from '../route/link.tsx'
import { pathOfRecord } from '../route/route.ts'
import { useAskServer } from '../session/ask-server.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useLanguage } from '../words/language.ts'
import { usePreferenceWords } from './preference-words.ts'

interface Past extends NoticeLine {
  readonly id: string
  readonly when: number
  readonly room: string | null
}
interface Page {
  readonly items: readonly Past[]
  readonly next: string | null
}

/** All that one was ever told, searched by words; the server has it. */
export const PastNotices = () => {
  const words = usePreferenceWords()
  const appWords = useAppWords()
  const format = useFormat()
  const language = useLanguage()
  const ask = useAskServer()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Page | 'failed' | null>(null)
  const [more, setMore] = useState<string | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    const query = `limit=30&q=${encodeURIComponent(text)}${more === null ? '' : `&before=${encodeURIComponent(more)}`}`
    const timer = setTimeout(
      () => {
        ask(`/api/inbox/history?${query}`, stop.signal).then(
          body => {
            const page = parsePage(body)
            setFound(before =>
              more === null || before === null || before === 'failed'
                ? page
                : { items: [...before.items, ...page.items], next: page.next },
            )
          },
          () => {
            if (!stop.signal.aborted) setFound('failed')
          },
        )
      },
      more === null ? 250 : 0,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [ask, text, more])
  return (
    <section className="card card-body record-stack" aria-label={words.history}>
      <h2 className="card-title">{words.history}</h2>
      <TextInput
        aria-label={words.historySearch}
        placeholder={words.historySearch}
        value={text}
        onChange={event => {
          setText(event.currentTarget.value)
          setMore(null)
        }}
      />
      {found === null || found === 'failed' || found.items.length === 0 ? (
        <Empty
          isQuiet
          title={
            found === null
              ? appWords.loading
              : found === 'failed'
                ? words.historyOffline
                : text === ''
                  ? words.historyNone
                  : words.historyEmpty
          }
        />
      ) : (
        <>
          <ul className="activity-list">
            {found.items.map(item => {
              const { id, when, room } = item
              const sentence = noticeIn(language, item)
              const path = room === null ? null : pathOfRecord(room)
              return (
                <li key={id}>
                  {path === null ? sentence : <Link to={path}>{sentence}</Link>}{' '}
                  <span className="quiet">{format.dateTime(when)}</span>
                </li>
              )
            })}
          </ul>
          {found.next !== null && (
            <Button variant="default" size="compact-sm" onClick={() => setMore(found.next)}>
              {appWords.showMore}
            </Button>
          )}
        </>
      )}
    </section>
  )
}

const parsePage = (body: unknown): Page => {
  if (typeof body !== 'object' || body === null || !('items' in body) || !Array.isArray(body.items))
    return { items: [], next: null }
  const items = body.items.flatMap((entry: unknown): Past[] => {
    if (typeof entry !== 'object' || entry === null || !('id' in entry) || !('sentence' in entry)) return []
    const when = 'when' in entry && typeof entry.when === 'number' ? entry.when : 0
    const room = 'room' in entry && typeof entry.room === 'string' ? entry.room : null
    const text = (name: string): string => {
      const value: unknown = Reflect.get(entry, name)
      return typeof value === 'string' ? value : ''
    }
    const params = 'params' in entry ? paramsOf(entry.params) : null
    const said = { type: text('type'), kind: text('kind'), sentence: text('sentence'), params }
    return [{ ...said, id: String(entry.id), when, room }]
  })
  return { items, next: 'next' in body && typeof body.next === 'string' ? body.next : null }
}

const paramsOf = (given: unknown): Past['params'] => {
  if (typeof given !== 'object' || given === null) return null
  const isSaid = (value: unknown): value is string | number =>
    typeof value === 'string' || typeof value === 'number'
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (isSaid(value) ? [[name, value] as const] : [])),
  )
}
