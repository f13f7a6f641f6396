import { Ticket } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { PersonField } from '../fields/person-field.tsx'
import { SelectField } from '../fields/select-field.tsx'
import { TagsField } from '../fields/tags-field.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { StatusChip } from './chips.tsx'
import { deskRoles, kindChoices, priorityChoices, technicianRoles } from './ticket-choices.ts'
import { useTicketWords } from './ticket-words.ts'
import { useSites } from './use-site-name.ts'

interface TicketProps {
  readonly id: string
}

export const TicketPage = ({ id }: TicketProps) => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const mayRemove = useHasRole(...deskRoles)
  const head = useRecord(Ticket, id, view => view)
  return (
    <RecordPage
      type={Ticket}
      id={id}
      title={
        head === undefined
          ? ''
          : `${head.number ?? ''} ${head.title === '' ? ticketWords.untitled : head.title}`.trim()
      }
      back={{ to: '/tickets', label: words.tickets }}
      badge={head !== undefined && <StatusChip status={head.status} />}
      canRemove={mayRemove}
    >
      <div className="record-columns">
        <div className="record-stack">
          <section className="card card-body">
            <LineField type={Ticket} id={id} path="title" label={ticketWords.title} size="md" />
          </section>
        </div>
        <TicketDetails id={id} />
      </div>
    </RecordPage>
  )
}

const TicketDetails = ({ id }: TicketProps) => {
  const words = useTicketWords()
  const sites = useSites()
  return (
    <section className="card card-body" aria-label={words.details}>
      <h2 className="card-title">{words.details}</h2>
      <div className="field-grid">
        <SelectField
          type={Ticket}
          id={id}
          path="priority"
          label={words.priority}
          choices={priorityChoices(words)}
        />
        <SelectField type={Ticket} id={id} path="type" label={words.type} choices={kindChoices(words)} />
        <PersonField
          type={Ticket}
          id={id}
          path="assignedTo"
          label={words.assignedTo}
          roles={technicianRoles}
        />
        <PersonField type={Ticket} id={id} path="claimedBy" label={words.claimedBy} roles={technicianRoles} />
        <SelectField
          type={Ticket}
          id={id}
          path="site"
          label={words.site}
          none="–"
          choices={(sites ?? []).map(site => ({
            value: `site:${site.id.replace(/^site:/, '')}`,
            label: site.name,
          }))}
        />
        <LineField type={Ticket} id={id} path="equipment" label={words.equipment} />
        <DateField type={Ticket} id={id} path="due" label={words.due} kind="time" />
        <NumberField type={Ticket} id={id} path="quote" label={words.quote} kind="money" />
        <TagsField type={Ticket} id={id} path="tags" label={words.tags} className="span-all" />
      </div>
    </section>
  )
}
