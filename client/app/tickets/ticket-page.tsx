import { Ticket } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { PersonField } from '../fields/person-field.tsx'
import { RichField } from '../fields/rich-field.tsx'
import { SelectField } from '../fields/select-field.tsx'
import { TagsField } from '../fields/tags-field.tsx'
import type { ShowValue } from '../record-page/readable-changes.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { Attachments } from './attachments.tsx'
import { StatusChip } from './chips.tsx'
import { Comments } from './comments.tsx'
import {
  deskRoles,
  kindChoices,
  newTicket,
  priorityChoices,
  statusChoices,
  technicianRoles,
} from './ticket-choices.ts'
import { ClaimLost, TicketActions } from './ticket-actions.tsx'
import { TicketShipments } from './ticket-shipments.tsx'
import { useTicketWords } from './ticket-words.ts'
import { TimeEntries } from './time-entries.tsx'
import { useSiteChoices, useSiteName } from './use-site-name.ts'

interface TicketProps {
  readonly id: string
}

export const TicketPage = ({ id }: TicketProps) => {
  const words = useAppWords()
  const ticketWords = useTicketWords()
  const mayRemove = useHasRole(...deskRoles)
  const title = useRecord(Ticket, id, view =>
    `${view.number ?? ''} ${view.title === '' ? ticketWords.untitled : view.title}`.trim(),
  )
  const status = useRecord(Ticket, id, view => view.status)
  const showValue = useTicketValue()
  const field = { type: Ticket, id }
  return (
    <RecordPage
      type={Ticket}
      id={id}
      title={title ?? ''}
      back={{ to: '/tickets', label: words.tickets }}
      badge={status !== undefined && <StatusChip status={status} />}
      actions={<TicketActions id={id} />}
      canRemove={mayRemove}
      first={newTicket(ticketWords)}
      showValue={showValue}
    >
      <ClaimLost id={id} />
      <div className="record-columns">
        <div className="record-stack">
          <section className="card card-body record-stack">
            <LineField {...field} path="title" label={ticketWords.title} size="md" />
            <RichField
              {...field}
              path="description"
              label={ticketWords.description}
              placeholder={ticketWords.descriptionHint}
            />
          </section>
          <Comments id={id} />
          <Attachments id={id} />
        </div>
        <div className="record-stack">
          <TicketDetails id={id} />
          <TimeEntries id={id} />
          <TicketShipments id={id} />
        </div>
      </div>
    </RecordPage>
  )
}

const TicketDetails = ({ id }: TicketProps) => {
  const words = useTicketWords()
  const sites = useSiteChoices()
  const field = { type: Ticket, id }
  return (
    <section className="card card-body" aria-label={words.details}>
      <h2 className="card-title">{words.details}</h2>
      <div className="field-grid">
        <SelectField {...field} path="priority" label={words.priority} choices={priorityChoices(words)} />
        <SelectField {...field} path="type" label={words.type} choices={kindChoices(words)} />
        <PersonField {...field} path="assignedTo" label={words.assignedTo} roles={technicianRoles} />
        <PersonField {...field} path="claimedBy" label={words.claimedBy} roles={technicianRoles} />
        <SelectField
          {...field}
          className="span-all"
          path="site"
          label={words.site}
          none="–"
          choices={sites}
        />
        <DateField {...field} className="span-all" path="due" label={words.due} kind="time" />
        <LineField {...field} path="equipment" label={words.equipment} />
        <NumberField {...field} path="quote" label={words.quote} kind="money" />
        <TagsField {...field} path="tags" label={words.tags} className="span-all" />
      </div>
    </section>
  )
}

/** What its type does not say; times, money and people are shown as everywhere. */
const useTicketValue = (): ShowValue => {
  const words = useTicketWords()
  const siteName = useSiteName()
  return (path, value) => {
    if (path === 'site') return siteName(String(value))
    const [name = '', , part] = path.split('/')
    if (name === 'checks' && part === 'kind') return value === 'in' ? words.checkIn : words.checkOut
    const choices = { status: statusChoices, priority: priorityChoices, type: kindChoices }[path]
    return choices?.(words).find(choice => choice.value === value)?.label
  }
}
