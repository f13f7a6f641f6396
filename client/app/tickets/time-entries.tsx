import { ActionIcon, Button, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { joinPath, Ticket } from '../../../shared/index.ts'
import { useDesk, useField, useRecord } from '../../react/index.ts'
import { parseNumber, useNumberSigns } from '../format/read-number.ts'
import { useFormat } from '../format/use-format.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useNameOf } from '../session/directory.tsx'
import { useKeptDraft } from '../session/use-kept-draft.ts'
import { useMyId } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useTicketWords } from './ticket-words.ts'

/** Who is there now, and who worked how long. */
export const TimeEntries = ({ id }: { readonly id: string }) => {
  const words = useTicketWords()
  const appWords = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const me = useMyId()
  const { view, record } = useRecord(Ticket, id)
  const mayWrite = useMayWrite(Ticket, id, 'times')
  if (view === undefined) return null
  const { times, onSite, minutes } = view
  return (
    <section className="card card-body record-stack" aria-label={words.times}>
      <h2 className="card-title time-title">
        {words.times}
        <span className="num">{format.minutes(minutes)}</span>
      </h2>
      <p className="on-site">
        {appWords.beforeValue(words.checks)}{' '}
        {onSite.length === 0 ? words.checksNobody : onSite.map(nameOf).join(', ')}
      </p>
      {times.length === 0 ? (
        <Empty isQuiet title={words.timesEmpty} />
      ) : (
        <ul className="entry-list">
          {times.map(entry => (
            <li key={entry.id} className="time-line">
              <span>
                {nameOf(entry.by)}
                <EntryDot id={id} path={joinPath('times', entry.id, 'end')} />
                {entry.note !== null && <span className="entry-meta"> {entry.note}</span>}
              </span>
              <span className="num">
                {entry.start !== null &&
                  entry.end !== null &&
                  format.minutes((entry.end - entry.start) / 60_000)}
              </span>
              {entry.by === me && mayWrite ? (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="sm"
                  aria-label={words.timeDelete}
                  onClick={() => tryTo(() => record?.list('times').remove(entry.id))}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              ) : (
                <span />
              )}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && <AddTime id={id} />}
    </section>
  )
}

const EntryDot = ({ id, path }: { readonly id: string; readonly path: string }) => {
  const { save } = useField(Ticket, id, path)
  return <StateDot save={save} />
}

const AddTime = ({ id }: { readonly id: string }) => {
  const words = useTicketWords()
  const desk = useDesk()
  const { record } = useRecord(Ticket, id)
  const [minutes, setMinutes] = useKeptDraft(`ticket:${id} minutes`)
  const [note, setNote] = useKeptDraft(`ticket:${id} time note`)
  const length = parseNumber(minutes, useNumberSigns())
  const isRight = typeof length === 'number' && length > 0 && length <= 1_440
  return (
    <form
      className="time-form"
      onSubmit={event => {
        event.preventDefault()
        if (!isRight || record === null) return
        const end = Math.floor(desk.clock.now())
        const entry = {
          start: end - Math.round(length) * 60_000,
          end,
          note: note.trim() === '' ? null : note.trim(),
        }
        if (tryTo(() => record.list('times').add(entry))) {
          setMinutes('')
          setNote('')
        }
      }}
    >
      <TextInput
        size="sm"
        inputMode="numeric"
        aria-label={words.timeMinutes}
        placeholder={words.timeMinutes}
        value={minutes}
        error={minutes !== '' && !isRight}
        onChange={event => setMinutes(event.currentTarget.value)}
      />
      <TextInput
        size="sm"
        aria-label={words.timeNote}
        placeholder={words.timeNote}
        value={note}
        onChange={event => setNote(event.currentTarget.value)}
      />
      <Button
        type="submit"
        size="sm"
        variant="light"
        disabled={!isRight}
        leftSection={<IconPlus size={14} />}
      >
        {words.timeAdd}
      </Button>
    </form>
  )
}
