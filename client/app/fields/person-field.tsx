import { usePeopleWithRole } from '../session/directory.tsx'
import { useAppWords } from '../words/app-words.ts'
import type { BoundField } from './field-frame.tsx'
import { SelectField } from './select-field.tsx'

interface PersonFieldProps extends BoundField {
  readonly roles: readonly string[]
  readonly className?: string
}

export const PersonField = ({ roles, ...field }: PersonFieldProps) => {
  const words = useAppWords()
  const people = usePeopleWithRole(...roles)
  return (
    <SelectField
      {...field}
      none={words.nobody}
      choices={people.map(({ id, name }) => ({ value: id, label: name }))}
    />
  )
}
