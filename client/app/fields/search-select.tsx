// A choice among hundreds: one types some letters of it, with or without their accents.

import { Select } from '@mantine/core'
import { useAppWords } from '../words/app-words.ts'
import { fold } from './fold.ts'
import type { Choice } from './select-field.tsx'

interface SearchSelectProps {
  readonly id: string
  readonly size: 'xs' | 'sm' | 'md'
  readonly value: string
  readonly choices: readonly Choice[]
  /** Whether it may be left empty. */
  readonly isOptional: boolean
  readonly placeholder: string
  readonly disabled: boolean
  readonly onFocus: () => void
  readonly onBlur: () => void
  readonly onChoose: (value: string | null) => void
}

const OFFERED_MAX = 50

const SearchSelect = ({ choices, isOptional, onChoose, value, ...rest }: SearchSelectProps) => {
  const words = useAppWords()
  return (
    <Select
      {...rest}
      value={value === '' ? null : value}
      data={[...choices]}
      searchable
      clearable={isOptional}
      allowDeselect={false}
      limit={OFFERED_MAX}
      filter={({ options, search, limit }) => {
        const wanted = fold(search.trim())
        return options.filter(each => 'value' in each && fold(each.label).includes(wanted)).slice(0, limit)
      }}
      nothingFoundMessage={words.listNoMatch}
      clearButtonProps={{ 'aria-label': words.nobody }}
      onChange={onChoose}
    />
  )
}

export default SearchSelect
