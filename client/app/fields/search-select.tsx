// A choice among hundreds: one types some letters of it, with or without their accents.

import { Select } from '@mantine/core'
import { useAppWords } from '../words/app-words.ts'
import { isFoundBy } from './is-found-by.ts'

export interface Choice {
  readonly value: string
  readonly label: string
}

interface SearchSelectProps {
  readonly id: string
  readonly size: 'xs' | 'sm' | 'md'
  readonly value: string
  readonly choices: readonly Choice[]
  /** Whether it may be left empty. */
  readonly isOptional: boolean
  /** What stands there where nothing is chosen. */
  readonly placeholder: string
  readonly disabled: boolean
  readonly onFocus: () => void
  readonly onBlur: () => void
  readonly onChoose: (value: string | null) => void
}

const OFFERED_MAX = 50
/** Nobody's id: what is no choice, and says that there are others. */
const MORE = '…'

const SearchSelect = ({ choices, isOptional, onChoose, value, ...rest }: SearchSelectProps) => {
  const words = useAppWords()
  return (
    <Select
      {...rest}
      value={value === '' ? null : value}
      // Among the others, as in the device's own list: a key reaches no cross.
      data={isOptional ? [{ value: '', label: rest.placeholder }, ...choices] : [...choices]}
      searchable
      allowDeselect={false}
      limit={OFFERED_MAX}
      filter={({ options, search, limit }) => {
        const found = options.filter(each => 'value' in each && isFoundBy(each.label, search.trim()))
        const more = found.length - limit
        if (more <= 0) return found
        return [...found.slice(0, limit), { value: MORE, label: words.pickMore(more), disabled: true }]
      }}
      nothingFoundMessage={words.listNoMatch}
      // What is typed looks for another one, and is no part of the name that stands there.
      onClick={event => event.currentTarget.select()}
      onChange={chosen => onChoose(chosen === '' ? null : chosen)}
    />
  )
}

export default SearchSelect
