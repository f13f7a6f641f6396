// Search over all records that the person may see, while they type; off line among what is on this device.

import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useId, useState } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import { useDesk, useList, useSync } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { navigate, pathOfRecord } from '../route/route.ts'
import { Empty } from '../state/empty.tsx'
import { RecordTitle } from '../state/record-title.tsx'
import { useAppWords } from '../words/app-words.ts'
import { workspaceAt } from '../workspaces.ts'
import { Modal } from '../state/dialog.tsx'

interface Hit {
  readonly room: string
  readonly path: string
  readonly title: string
  readonly hint: string
  readonly day: string | number | null
  /** The record that it is a part of: titles are told apart by it. */
  readonly whole: string | null
}

const PER_TYPE = 6
/** The day that people know such a record by. */
const DAYS = ['date', 'measuredOn', 'takenAt']

export const Search = ({ onClose }: { readonly onClose: () => void }) => {
  const words = useAppWords()
  const desk = useDesk()
  const { carrier } = useSync()
  const listId = useId()
  const [text, setText] = useState('')
  /** By what was looked for in which type: that of the letters before is no answer to these. */
  const [answers, setAnswers] = useState<{ readonly [question: string]: readonly Hit[] | null }>({})
  const [chosen, setChosen] = useState<string | null>(null)
  /** Enter came before what is looked for was found. */
  const [isEntered, setIsEntered] = useState(false)
  const asked = useSettledText(text.trim())
  const types = desk.records.filter(
    type => type.list.search.length > 0 && pathOfRecord(`${type.name}:x`) !== null,
  )
  const answerOf = (type: RecordType) => answers[`${type.name} ${asked}`]
  const hits = asked === '' ? [] : types.flatMap(type => answerOf(type) ?? [])
  // Nothing is found only once all have been asked.
  const isAsking = asked !== text.trim() || types.some(type => answerOf(type) == null)
  const current = hits.find(({ room }) => room === chosen) ?? hits[0]
  const go = (hit: Hit | undefined): void => {
    if (hit === undefined) return
    onClose()
    navigate(hit.path)
  }
  const step = (by: number): void => {
    const place = hits.findIndex(({ room }) => room === current?.room) + by
    setChosen(hits[Math.min(Math.max(place, 0), hits.length - 1)]?.room ?? null)
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown') step(1)
    else if (event.key === 'ArrowUp') step(-1)
    // What is shown may still be that of the letters before: whoever types on and presses Enter means these.
    else if (event.key === 'Enter') setIsEntered(true)
    else return
    event.preventDefault()
  }
  const isShown = asked === text.trim() && current !== undefined
  useEffect(() => {
    if (!isEntered || (!isShown && isAsking)) return
    setIsEntered(false)
    go(current)
  })
  const currentId = current === undefined ? undefined : `${listId}-${current.room}`
  // Of more than the window shows the chosen one is seen.
  useEffect(() => {
    if (currentId !== undefined) document.getElementById(currentId)?.scrollIntoView({ block: 'nearest' })
  }, [currentId])
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding="sm"
      size="lg"
      yOffset="10vh"
      title={words.search}
      classNames={{ header: 'visually-hidden', body: 'search-body' }}
    >
      <TextInput
        data-autofocus
        size="md"
        leftSection={<IconSearch size={18} aria-hidden />}
        placeholder={words.searchHint}
        aria-label={words.searchHint}
        role="combobox"
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        aria-activedescendant={currentId}
        value={text}
        onChange={event => {
          setText(event.currentTarget.value)
          setChosen(null)
          setIsEntered(false)
        }}
        onKeyDown={onKeyDown}
      />
      {asked !== '' &&
        types.map(type => (
          <HitsOf
            key={`${type.name} ${asked}`}
            type={type}
            text={asked}
            onHits={found => setAnswers(now => ({ ...now, [`${type.name} ${asked}`]: found }))}
          />
        ))}
      <div className="search-hits" role="listbox" id={listId} aria-label={words.search}>
        {hits.map(hit => (
          <div
            key={hit.room}
            id={`${listId}-${hit.room}`}
            role="option"
            tabIndex={-1}
            className="search-hit"
            aria-selected={hit === current}
            onMouseDown={event => event.preventDefault()}
            onClick={() => go(hit)}
            onKeyDown={onKeyDown}
          >
            <HitIcon path={hit.path} />
            <span>{hit.title}</span>
            <span className="quiet">{hit.hint}</span>
            <About {...hit} />
          </div>
        ))}
      </div>
      {hits.length === 0 && (
        <Empty
          isQuiet
          title={text.trim() === '' ? words.searchStart : isAsking ? words.loading : words.searchNothing}
        />
      )}
      {carrier === null && <p className="search-note">{words.searchOffline}</p>}
    </Modal>
  )
}

/** What tells apart those that are called the same: their project, the day. */
const About = ({ day, whole }: Hit) => {
  const format = useFormat()
  if (day === null && whole === null) return null
  return (
    <span className="search-about quiet">
      {whole !== null && <RecordTitle room={whole} />}
      {whole !== null && day !== null && ' · '}
      {day !== null && (typeof day === 'number' ? format.day(day) : format.date(day))}
    </span>
  )
}

const HitIcon = ({ path }: { readonly path: string }) => {
  const workspace = workspaceAt(path)
  return workspace === undefined ? <span /> : <workspace.icon size={18} stroke={1.7} aria-hidden />
}

interface HitsOfProps {
  readonly type: RecordType
  readonly text: string
  /** Null while they are being fetched. */
  readonly onHits: (hits: readonly Hit[] | null) => void
}

/** Draws nothing: a list is asked for by a hook, and a hook by a component. */
const HitsOf = ({ type, text, onHits }: HitsOfProps) => {
  const { rows, state } = useList(type, { where: { $text: text }, limit: PER_TYPE })
  const isAsking = rows === undefined && state === 'loading'
  // biome-ignore lint/correctness/useExhaustiveDependencies: told for new rows, not for a new function
  useEffect(() => {
    onHits(
      isAsking
        ? null
        : (rows ?? []).flatMap(row =>
            hitOf(type, row as { readonly id: string; readonly [field: string]: unknown }),
          ),
    )
  }, [rows, isAsking])
  return null
}

const hitOf = (type: RecordType, row: { readonly id: string; readonly [field: string]: unknown }): Hit[] => {
  const room = row.id.startsWith(`${type.name}:`) ? row.id : `${type.name}:${row.id}`
  const path = pathOfRecord(room)
  if (path === null) return []
  const texts = type.list.search
    .map(field => row[field])
    .filter(value => typeof value === 'string' && value !== '')
  const whole = type.belongsTo === null ? null : row[type.belongsTo]
  const day = DAYS.map(field => row[field]).find(
    value => typeof value === 'string' || typeof value === 'number',
  )
  return [
    {
      room,
      path,
      title: texts.slice(0, 2).join(' '),
      hint: texts.slice(2).join(' '),
      day: day ?? null,
      whole: typeof whole === 'string' ? whole : null,
    },
  ]
}

/** A word, not each of its letters. */
const useSettledText = (text: string): string => {
  const [settled, setSettled] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 150)
    return () => clearTimeout(timer)
  }, [text])
  return text === '' ? '' : settled
}
