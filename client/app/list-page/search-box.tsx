import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'

interface SearchBoxProps {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
}

export const SearchBox = ({ label, value, onChange }: SearchBoxProps) => (
  <TextInput
    className="filter-grow"
    size="sm"
    leftSection={<IconSearch size={15} aria-hidden />}
    aria-label={label}
    placeholder={label}
    value={value}
    onChange={event => onChange(event.currentTarget.value)}
  />
)
