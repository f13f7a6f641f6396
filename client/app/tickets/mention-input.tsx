// A comment's input: @ offers people, arrows choose, Enter takes.

import { Textarea } from '@mantine/core'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { isFoundBy } from '../fields/is-found-by.ts'
import { toldApart } from '../fields/person-field.tsx'
import { type DirectoryEntry, useDirectory } from '../session/directory.tsx'
import { useTicketWords } from './ticket-words.ts'

interface MentionInputProps {
  readonly value: string
  readonly label: string
  readonly placeholder: string
  readonly onChange: (text: string) => void
  /** Whom the person took from what was offered. */
  readonly onCall: (person: DirectoryEntry) => void
  readonly onSend: () => void
  readonly onFocus: () => void
  readonly onBlur: () => void
}

const OFFERED_MAX = 6

export const MentionInput = ({
  value,
  label,
  placeholder,
  onChange,
  onCall,
  onSend,
  onFocus,
  onBlur,
}: MentionInputProps) => {
  const words = useTicketWords()
  const people = useDirectory()
  const ref = useRef<HTMLTextAreaElement>(null)
  const listId = useId()
  const [caret, setCaret] = useState(0)
  const [chosen, setChosen] = useState(0)
  const [isDismissed, setIsDismissed] = useState(false)
  const asked = isDismissed ? null : askedAt(value, caret)
  const offered = asked === null ? [] : matching(people, asked)
  const labels = toldApart(offered)
  const isOpen = offered.length > 0
  const take = (entry: DirectoryEntry): void => {
    if (asked === null) return
    const start = caret - asked.length - 1
    const text = `${value.slice(0, start)}@${entry.name} ${value.slice(caret)}`
    onChange(text)
    onCall(entry)
    const place = start + entry.name.length + 2
    setCaret(place)
    setChosen(0)
    requestAnimationFrame(() => {
      ref.current?.focus()
      ref.current?.setSelectionRange(place, place)
    })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!isOpen) {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSend()
      return
    }
    const entry = offered[Math.min(chosen, offered.length - 1)]
    if (event.key === 'ArrowDown') setChosen((chosen + 1) % offered.length)
    else if (event.key === 'ArrowUp') setChosen((chosen + offered.length - 1) % offered.length)
    else if (event.key === 'Escape') setIsDismissed(true)
    else if ((event.key === 'Enter' || event.key === 'Tab') && entry !== undefined) take(entry)
    else return
    event.preventDefault()
  }
  return (
    <div className="mention-holder">
      <Textarea
        ref={ref}
        autosize
        minRows={2}
        maxRows={10}
        aria-label={label}
        placeholder={placeholder}
        value={value}
        aria-controls={isOpen ? listId : undefined}
        aria-activedescendant={isOpen ? `${listId}-${Math.min(chosen, offered.length - 1)}` : undefined}
        aria-autocomplete="list"
        onKeyDown={onKeyDown}
        onFocus={onFocus}
        onBlur={() => {
          onBlur()
          // A tap on what is offered comes first.
          setTimeout(() => setIsDismissed(true), 200)
        }}
        onSelect={event => setCaret(event.currentTarget.selectionStart)}
        onChange={event => {
          setIsDismissed(false)
          setCaret(event.currentTarget.selectionStart)
          onChange(event.currentTarget.value)
        }}
      />
      {isOpen && (
        <div className="mention-list" role="listbox" id={listId} aria-label={words.commentHint}>
          {offered.map((entry, index) => (
            <div
              key={entry.id}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className="mention-option"
              onMouseDown={event => {
                event.preventDefault()
                take(entry)
              }}
            >
              {labels[index]?.label}
            </div>
          ))}
        </div>
      )}
    </div>
  )
}

/** What stands between the last @ and the caret, if somebody is being called there. */
const askedAt = (text: string, caret: number): string | null =>
  /(?:^|\s)@((?! )[\p{L}\p{M} .'-]{0,30})$/u.exec(text.slice(0, caret))?.[1] ?? null

const matching = (people: ReadonlyMap<string, DirectoryEntry>, asked: string): readonly DirectoryEntry[] =>
  [...people.values()]
    // A name that stands there whole needs no offer.
    .filter(({ name }) => isFoundBy(name, asked) && !isFoundBy(asked, name))
    .slice(0, OFFERED_MAX)
