import { useMemo } from 'react'
import { type DirectoryEntry, usePeopleWithRole } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'
import type { BoundField } from './field-frame.tsx'
import type { Choice } from './search-select.tsx'
import { SelectField } from './select-field.tsx'

interface PersonFieldProps extends BoundField {
  readonly roles: readonly string[]
}

export const PersonField = ({ roles, ...field }: PersonFieldProps) => {
  const words = useAppWords()
  const people = usePeopleWithRole(...roles)
  const choices = useMemo(() => toldApart(people), [people])
  return <SelectField {...field} none={words.nobody} choices={choices} />
}

/** Of several who are called the same, each is told by what the firm knows them by. */
export const toldApart = (people: readonly DirectoryEntry[]): Choice[] => {
  const counts = new Map<string, number>()
  for (const { name } of people) counts.set(name, (counts.get(name) ?? 0) + 1)
  return people.map(({ id, name }) => ({
    value: id,
    label: (counts.get(name) ?? 0) > 1 ? `${name} (${id})` : name,
  }))
}
