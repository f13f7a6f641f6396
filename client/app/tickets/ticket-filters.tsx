// Which tickets are listed: ready-made views, one's own words, and what one has saved under a name.

import { ActionIcon, Button, NativeSelect, Popover, TextInput } from '@mantine/core'
import { IconBookmarkPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { FilterChips } from '../list-page/filter-chips.tsx'
import { SearchBox } from '../list-page/search-box.tsx'
import { usePeopleWithRole } from '../session/directory.tsx'
import { useMyId } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { kindChoices, technicianRoles } from './ticket-choices.ts'
import type { TicketFilter } from './ticket-filter.ts'
import { useTicketWords } from './ticket-words.ts'
import { useSavedFilters } from './use-saved-filters.ts'
import { labelled } from '../words/labelled.ts'

interface TicketFiltersProps {
  readonly filter: TicketFilter
  readonly onChange: (filter: TicketFilter) => void
}

export const TicketFilters = ({ filter, onChange }: TicketFiltersProps) => {
  const ticketWords = useTicketWords()
  const technicians = usePeopleWithRole(...technicianRoles)
  const me = useMyId()
  const { saved, save, remove } = useSavedFilters(me)
  const views = [
    ['open', ticketWords.filterOpen],
    ['mine', ticketWords.filterMine],
    ['unassigned', ticketWords.filterUnassigned],
    ['urgent', ticketWords.filterUrgent],
    ['late', ticketWords.filterLate],
    ['done', ticketWords.filterDone],
    ['all', ticketWords.filterAll],
  ] as const
  return (
    <>
      <div className="filter-group">
        <FilterChips choices={views} value={filter.view} onChange={view => onChange({ ...filter, view })} />
        {saved.map(each => (
          <span key={each.name} className="filter-chip">
            <button type="button" className="order-button" onClick={() => onChange(each.filter)}>
              {each.name}
            </button>
            <ActionIcon
              size="xs"
              variant="subtle"
              color="gray"
              aria-label={labelled(ticketWords.filterRemove, each.name)}
              onClick={() => remove(each.name)}
            >
              <IconX size={12} />
            </ActionIcon>
          </span>
        ))}
      </div>
      <div className="filter-group">
        <SearchBox
          label={ticketWords.filterText}
          value={filter.text}
          onChange={text => onChange({ ...filter, text })}
        />
        <NativeSelect
          size="sm"
          aria-label={ticketWords.type}
          value={filter.type}
          data={[{ value: '', label: ticketWords.anyType }, ...kindChoices(ticketWords)]}
          onChange={event => onChange({ ...filter, type: event.currentTarget.value })}
        />
        <NativeSelect
          size="sm"
          aria-label={ticketWords.filterTechnician}
          value={filter.technician}
          disabled={filter.view === 'mine'}
          data={[
            { value: '', label: ticketWords.anyTechnician },
            ...technicians.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          onChange={event => onChange({ ...filter, technician: event.currentTarget.value })}
        />
        <SaveFilter onSave={name => save(name, filter)} />
      </div>
    </>
  )
}

const SaveFilter = ({ onSave }: { readonly onSave: (name: string) => void }) => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const [isOpen, setIsOpen] = useState(false)
  const [name, setName] = useState('')
  return (
    <Popover opened={isOpen} onChange={setIsOpen} withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon
          variant="default"
          size={36}
          aria-label={ticketWords.filterSave}
          title={ticketWords.filterSave}
          onClick={() => setIsOpen(!isOpen)}
        >
          <IconBookmarkPlus size={18} />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown>
        <form
          className="filters"
          style={{ margin: 0 }}
          onSubmit={event => {
            event.preventDefault()
            if (name.trim() === '') return
            onSave(name.trim())
            setName('')
            setIsOpen(false)
          }}
        >
          <TextInput
            size="sm"
            aria-label={ticketWords.filterName}
            placeholder={ticketWords.filterName}
            value={name}
            onChange={event => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm">
            {words.save}
          </Button>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}
