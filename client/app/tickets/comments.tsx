import { ActionIcon, Button, Textarea } from '@mantine/core'
import { IconPencil, IconSend, IconTrash } from '@tabler/icons-react'
import { Fragment, memo, type ReactNode, useRef, useState } from 'react'
import { type EntryOf, joinPath, Ticket } from '../../../shared/index.ts'
import { useField, useRecord } from '../../react/index.ts'
import { Meanwhile } from '../fields/line-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { useNow } from '../format/use-now.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useDirectory, useNameOf } from '../session/directory.tsx'
import { useKeptDraft } from '../session/use-kept-draft.ts'
import { useMyId } from '../session/use-my-id.ts'
import { useWritten } from '../session/use-written.ts'
import { ConflictChip } from '../state/conflict-chip.tsx'
import { Empty } from '../state/empty.tsx'
import { Face } from '../state/face.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { reasonNow } from '../words/type-words.ts'
import { MentionInput } from './mention-input.tsx'
import { chosenIn, isCall, mentionsIn, withCalls, withChosen } from './mentions.ts'
import { useTicketWords } from './ticket-words.ts'

type Comment = EntryOf<(typeof Ticket)['fields']['comments']['entry']>

export const Comments = ({ id }: { readonly id: string }) => {
  const words = useTicketWords()
  const comments = useRecord(Ticket, id, view => view.comments) ?? []
  const { status } = useRecord(Ticket, id)
  const earlier = useEarlier(comments, status.live)
  const lines = (some: readonly Comment[]) => (
    <ul className="entry-list">
      {some.map(comment => (
        <CommentLine key={comment.id} id={id} comment={comment} />
      ))}
    </ul>
  )
  return (
    <section className="card card-body record-stack" aria-label={words.comments}>
      <h2 className="card-title" style={{ margin: 0 }}>
        {words.comments} {comments.length > 0 && <span className="quiet">{comments.length}</span>}
      </h2>
      {comments.length === 0 ? (
        <Empty isQuiet title={words.commentsEmpty} />
      ) : (
        <>
          {earlier > 0 && <Earlier comments={comments.slice(0, earlier)} lines={lines} />}
          {lines(comments.slice(earlier))}
        </>
      )}
      <Composer id={id} />
    </section>
  )
}

interface EarlierProps {
  readonly comments: readonly Comment[]
  readonly lines: (some: readonly Comment[]) => ReactNode
}

/** Folded away they are words alone: found by the browser's search, and nothing that listens to the record. */
const Earlier = ({ comments, lines }: EarlierProps) => {
  const words = useTicketWords()
  const nameOf = useNameOf()
  const [isOpened, setIsOpened] = useState(false)
  return (
    <details
      className="comments-earlier"
      onToggle={event => {
        if (event.currentTarget.open) setIsOpened(true)
      }}
    >
      <summary>{words.commentsEarlier(comments.length)}</summary>
      {isOpened ? (
        lines(comments)
      ) : (
        <ul className="entry-list">
          {comments.map(({ id, by, body }) => (
            <li key={id}>
              {nameOf(by)} {body}
            </li>
          ))}
        </ul>
      )}
    </details>
  )
}

/** What stands beneath the comments is not to be a walk away. */
const SHOWN_MAX = 40
const SHOWN_OF_MANY = 20

/**
 * How many are folded away: those of before the page was opened, also where the device had fewer of them than the
 * server; later none moves while somebody mends it.
 */
const useEarlier = (comments: readonly Comment[], isLive: boolean): number => {
  const folded = useRef<ReadonlySet<string>>(new Set())
  const isOpened = useRef(false)
  const known = comments.findLastIndex(({ id }) => folded.current.has(id)) + 1
  const isFoldedNow = !isOpened.current && comments.length - known > SHOWN_MAX
  const earlier = isFoldedNow ? comments.length - SHOWN_OF_MANY : known
  if (isFoldedNow) folded.current = new Set(comments.slice(0, earlier).map(({ id }) => id))
  isOpened.current ||= isLive
  return earlier
}

/** Of six hundred comments, one has changed. */
const CommentLine = memo(({ id, comment }: { readonly id: string; readonly comment: Comment }) => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const now = useNow()
  const me = useMyId()
  const people = useDirectory()
  const { record } = useRecord(Ticket, id)
  const path = joinPath('comments', comment.id, 'body')
  const body = useField(Ticket, id, path)
  const { typed, type, forget } = useWritten<{ readonly body: string; readonly before: string }>(
    `ticket:${id} comment ${comment.id}`,
  )
  const draft = typed.body ?? null
  // It was mended at another device since: saving here replaces that, which is to be seen before.
  const isOtherNow = comment.body !== (typed.before ?? comment.body) && comment.body !== draft
  // What was half written before a reload does not take the page to it.
  const isBegunHere = useRef(false)
  const isEdited = body.at !== null && body.at - comment.at > 60_000
  const isMine = comment.by === me
  const mayWrite = useMayWrite(Ticket, id, path)
  const save = (): void => {
    const text = (draft ?? '').trim()
    const write = (): void => {
      const mentions = mentionsIn(text, people, new Set(comment.mentions))
      record?.list('comments').set(comment.id, { body: text, mentions })
    }
    if (text === '' || text === comment.body || tryTo(write)) forget()
  }
  return (
    <li className="entry">
      <Face id={comment.by} name={nameOf(comment.by)} />
      <div>
        <div className="entry-meta">
          <strong>{nameOf(comment.by)}</strong> · {format.ago(comment.at, now)}
          {isEdited && ` · ${ticketWords.edited}`}{' '}
          <StateDot save={body.save} why={body.problem === null ? null : reasonNow(body.problem, Ticket)} />
          <ConflictChip
            place={{ type: Ticket.name, id, path }}
            label={ticketWords.comment}
            field={body}
            onKeep={() => record?.settle(path, comment.body)}
            isReadOnly={!mayWrite}
          />
        </div>
        {draft === null ? (
          <div className="entry-body">
            <WithMentions body={comment.body ?? ''} />
          </div>
        ) : (
          <>
            <Textarea
              autosize
              minRows={2}
              aria-label={ticketWords.commentEdit}
              value={draft}
              onChange={event => type({ body: event.currentTarget.value })}
              autoFocus={isBegunHere.current}
            />
            {isOtherNow && <Meanwhile by={body.by} value={comment.body ?? ''} onTake={forget} />}
            <Button.Group mt={6}>
              <Button size="compact-sm" onClick={save}>
                {words.save}
              </Button>
              <Button size="compact-sm" variant="default" onClick={forget}>
                {words.cancel}
              </Button>
            </Button.Group>
          </>
        )}
      </div>
      {isMine && mayWrite && draft === null && (
        <span className="entry-tools">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={ticketWords.commentEdit}
            onClick={() => {
              isBegunHere.current = true
              type({ body: comment.body ?? '', before: comment.body ?? '' })
            }}
          >
            <IconPencil size={15} />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={ticketWords.commentDelete}
            onClick={() => tryTo(() => record?.list('comments').remove(comment.id))}
          >
            <IconTrash size={15} />
          </ActionIcon>
        </span>
      )}
    </li>
  )
})

const WithMentions = ({ body }: { readonly body: string }) => {
  const people = useDirectory()
  return withCalls(body, people).map((part, index) => {
    const key = `${index} ${part}`
    return isCall(part, people) ? (
      <span key={key} className="mention">
        {part}
      </span>
    ) : (
      <Fragment key={key}>{part}</Fragment>
    )
  })
}

const Composer = ({ id }: { readonly id: string }) => {
  const words = useTicketWords()
  const people = useDirectory()
  const { record } = useRecord(Ticket, id)
  const mayWrite = useMayWrite(Ticket, id, 'comments')
  const [text, setText] = useKeptDraft(`ticket:${id} comment`)
  const [called, setCalled] = useKeptDraft(`ticket:${id} called`)
  if (!mayWrite) return null
  const send = (): void => {
    const body = text.trim()
    if (body === '' || record === null) return
    // In one write: a mention that came after its comment would ring for nobody.
    const chosen = chosenIn(called)
    const mentions = mentionsIn(body, new Map([...people, ...chosen]), new Set(chosen.keys()))
    if (!tryTo(() => record.list('comments').add({ body, mentions }))) return
    setText('')
    setCalled('')
  }
  return (
    <form
      className="composer"
      onSubmit={event => {
        event.preventDefault()
        send()
      }}
    >
      <MentionInput
        value={text}
        label={words.comment}
        placeholder={words.commentHint}
        onChange={setText}
        onCall={who => setCalled(withChosen(called, who))}
        onSend={send}
        onFocus={() => record?.presence.focus('comments')}
        onBlur={() => record?.presence.focus(null)}
      />
      <Button type="submit" size="sm" leftSection={<IconSend size={15} />} disabled={text.trim() === ''}>
        {words.commentSend}
      </Button>
    </form>
  )
}
