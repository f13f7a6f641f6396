import { Badge } from '@mantine/core'
import { Tech, Ticket } from '../../../shared/index.ts'
import { useList, useRecord } from '../../react/index.ts'
import { LineField } from '../fields/line-field.tsx'
import { PersonField } from '../fields/person-field.tsx'
import { SwitchField } from '../fields/switch-field.tsx'
import { TagsField } from '../fields/tags-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { CardRows } from '../list-page/card-rows.tsx'
import { ListPage } from '../list-page/list-page.tsx'
import { MoreRows } from '../list-page/more-rows.tsx'
import type { NewRecord } from '../list-page/new-record.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useFieldServiceWords } from './field-service-words.ts'
import { deskRoles, technicianRoles } from './ticket-choices.ts'
import { TicketLine } from './ticket-line.tsx'
import { useWorkload } from './use-workload.ts'

const newTech = (words: ReturnType<typeof useFieldServiceWords>): NewRecord<typeof Tech> => ({
  values: {},
  ask: { field: 'name', label: words.name },
})

export const TechnicianList = () => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const format = useFormat()
  const countOf = (count: number | undefined): string => (count === undefined ? '–' : format.number(count))
  const { open, inWork } = useWorkload()
  return (
    <ListPage
      type={Tech}
      title={words.technicians}
      create={{ label: serviceWords.newTech, ...newTech(serviceWords) }}
      firstOrder={{ field: 'name', direction: 'asc' }}
      search={serviceWords.searchTechs}
      main={{
        key: 'name',
        label: serviceWords.name,
        sort: 'name',
        isText: true,
        cell: row => (
          <>
            {row.name || serviceWords.newTech}{' '}
            {!row.available && (
              <Badge variant="light" color="gray" c="dimmed">
                {serviceWords.notAvailable}
              </Badge>
            )}
          </>
        ),
        sub: row => row.skills.join(', '),
        parts: [serviceWords.name, serviceWords.skills],
      }}
      columns={[
        { key: 'region', label: serviceWords.region, sort: 'region', isText: true, cell: row => row.region },
        {
          key: 'phone',
          label: serviceWords.phone,
          cell: row => <span className="nowrap">{row.phone}</span>,
        },
        {
          key: 'open',
          label: serviceWords.open,
          isNumber: true,
          from: 'tablet',
          cell: row => countOf(open(row.user)),
        },
        {
          key: 'inWork',
          label: serviceWords.inWork,
          isNumber: true,
          from: 'tablet',
          cell: row => countOf(inWork(row.user)),
        },
      ]}
    />
  )
}

export const TechnicianPage = ({ id }: { readonly id: string }) => {
  const words = useAppWords()
  const serviceWords = useFieldServiceWords()
  const mayRemove = useHasRole(...deskRoles)
  const name = useRecord(Tech, id, view => view.name)
  const user = useRecord(Tech, id, view => view.user) ?? null
  const field = { type: Tech, id }
  return (
    <RecordPage
      type={Tech}
      id={id}
      title={name === '' || name === undefined ? serviceWords.newTech : name}
      back={{ to: '/tickets/technicians', label: words.technicians }}
      canRemove={mayRemove}
      first={newTech(serviceWords)}
    >
      <div className="record-columns">
        <section className="card card-body">
          <div className="field-grid">
            <LineField {...field} path="name" label={serviceWords.name} />
            <PersonField {...field} path="user" label={serviceWords.signsInAs} roles={technicianRoles} />
            <LineField {...field} path="phone" label={serviceWords.phone} kind="tel" />
            <LineField {...field} path="region" label={serviceWords.region} />
            <TagsField {...field} className="span-all" path="skills" label={serviceWords.skills} />
            <SwitchField {...field} path="available" label={serviceWords.available} />
          </div>
        </section>
        <WorksOn user={user} />
      </div>
    </RecordPage>
  )
}

const WorksOn = ({ user }: { readonly user: string | null }) => {
  const words = useFieldServiceWords()
  const appWords = useAppWords()
  const list = useList(
    Ticket,
    user === null
      ? null
      : {
          where: {
            status: { in: ['open', 'in_progress', 'waiting'] },
            $any: [{ assignedTo: user }, { claimedBy: user }],
          },
          orderBy: ['urgency', 'desc'],
          limit: 30,
        },
  )
  return (
    <section className="card card-body">
      <h2 className="card-title">{words.worksNow}</h2>
      {user === null ? (
        <Empty isQuiet title={appWords.listEmpty} />
      ) : (
        <CardRows list={list} line={row => <TicketLine key={row.id} row={row} />} />
      )}
      <MoreRows list={list} />
    </section>
  )
}
