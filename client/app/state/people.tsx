import { Tooltip } from '@mantine/core'
import type { Person } from '../../index.ts'
import { useAppWords } from '../words/app-words.ts'
import { colorOf, initialsOf } from './face.tsx'
import './state.css'

interface PeopleProps {
  readonly people: readonly Person[]
  readonly max?: number
  readonly size?: 'sm' | 'md'
}

/** One person may have several devices; they are one face. */
export const People = ({ people, max = 5, size = 'md' }: PeopleProps) => {
  const words = useAppWords()
  const byId = new Map<string, Person>()
  for (const person of people) {
    if (person.me || person.state === 'gone') continue
    if (byId.get(person.id)?.state !== 'active') byId.set(person.id, person)
  }
  const shown = [...byId.values()]
  if (shown.length === 0) return null
  const names = shown.map(({ name }) => name).join(', ')
  return (
    <Tooltip label={names} withArrow>
      <span className="people" role="img" aria-label={words.isHere(names)}>
        {shown.slice(0, max).map(({ id, name, state }) => (
          <span
            key={id}
            className="person"
            data-size={size}
            data-state={state}
            style={{ '--who': colorOf(id) }}
            aria-hidden
          >
            {initialsOf(name)}
          </span>
        ))}
        {shown.length > max && (
          <span className="person" data-size={size} aria-hidden>
            +{shown.length - max}
          </span>
        )}
      </span>
    </Tooltip>
  )
}
