// What belongs to a project, a list for each kind, each with its way to begin a new one.

import { Button } from '@mantine/core'
import { IconLock, IconLockOpen, IconPlus } from '@tabler/icons-react'
import {
  Attachment,
  Bordereau,
  Decompt,
  type FieldsOf,
  localId,
  Metre,
  type NewValues,
  Periode,
  Pv,
  type RecordType,
} from '../../../shared/index.ts'
import { type UsedBelonging, useDesk, useRecord } from '../../react/index.ts'
import { addDays, dayOf } from '../format/day.ts'
import { Day } from '../format/moment.tsx'
import { useFormat } from '../format/use-format.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { navigate, pathOfRecord, refTo } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useConstructionWords } from './construction-words.ts'
import { FileLink } from './file-link.tsx'
import { PartTable } from './part-table.tsx'
import { byNumber, latestFirst } from './project-rows.ts'
import { StateChip } from './state-chip.tsx'

export interface ProjectPartProps {
  /** `project:1` */
  readonly project: string
  readonly belonging: UsedBelonging
  readonly currency: string
}

interface NewButtonProps<T extends RecordType> {
  readonly type: T
  readonly label: string
  readonly values: () => NewValues<FieldsOf<T>>
  readonly disabledWhy?: string | undefined
  readonly roles?: readonly string[]
  readonly isStaying?: boolean
}

const NewButton = <T extends RecordType>({
  type,
  label,
  values,
  disabledWhy,
  roles = STAFF,
  isStaying,
}: NewButtonProps<T>) => {
  const desk = useDesk()
  const mayCreate = useHasRole(...roles)
  if (!mayCreate) return null
  return (
    <Button
      leftSection={<IconPlus size={16} />}
      disabled={disabledWhy !== undefined}
      title={disabledWhy}
      onClick={() =>
        tryTo(() => {
          const record = desk.create(type, values())
          record.close()
          if (isStaying !== true) navigate(pathOfRecord(record.room) ?? '')
        })
      }
    >
      {label}
    </Button>
  )
}

const STAFF = ['engineer', 'office', 'project_manager']
const OFFICE = ['office', 'project_manager']

export const BordereauxPart = ({ project, belonging, currency }: ProjectPartProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  return (
    <PartTable
      type={Bordereau}
      rows={belonging.rows(Bordereau)}
      belonging={belonging}
      label={words.bordereaux}
      emptyText={words.noBordereaux}
      action={
        <NewButton
          type={Bordereau}
          label={words.newBordereau}
          roles={OFFICE}
          values={() => ({ project, title: words.bordereau })}
        />
      }
      main={{ key: 'title', label: words.title, cell: row => row.title ?? words.bordereau }}
      columns={[
        { key: 'lines', label: words.linesHead, isNumber: true, cell: row => words.lines(row.lines) },
        {
          key: 'total',
          label: words.total,
          isNumber: true,
          cell: row => <JustChanged of={row.total}>{format.money(row.total, currency)}</JustChanged>,
        },
      ]}
    />
  )
}

export const PeriodesPart = ({ project, belonging }: ProjectPartProps) => {
  const words = useConstructionWords()
  const desk = useDesk()
  const sorted = belonging.rows(Periode)?.slice().sort(byNumber)
  const last = sorted?.at(-1)
  return (
    <PartTable
      type={Periode}
      rows={sorted}
      belonging={belonging}
      label={words.periodes}
      emptyText={words.noPeriodes}
      action={
        <NewButton
          type={Periode}
          isStaying
          label={words.newPeriode}
          roles={OFFICE}
          values={() => {
            const from = last?.to == null ? `${dayOf(desk.clock.now()).slice(0, 7)}-01` : addDays(last.to, 1)
            return { project, number: (last?.number ?? 0) + 1, from, to: endOfMonth(from) }
          }}
        />
      }
      main={{ key: 'number', label: words.periode, cell: row => words.periodeName(String(row.number ?? '')) }}
      columns={[
        { key: 'from', label: words.from, cell: row => row.from !== null && <Day on={row.from} /> },
        { key: 'to', label: words.to, cell: row => row.to !== null && <Day on={row.to} /> },
        {
          key: 'state',
          label: words.state,
          cell: row => (
            <JustChanged of={row.state}>
              <StateChip look={row.state}>{row.state === 'open' ? words.open : words.closed}</StateChip>
            </JustChanged>
          ),
        },
        {
          key: 'act',
          label: '',
          cell: row => <PeriodeSwitch id={localId('periode', row.id)} isOpen={row.state === 'open'} />,
        },
      ]}
    />
  )
}

/** Opened again, measured further, closed: the last word counts. */
export const PeriodeSwitch = ({ id, isOpen }: { readonly id: string; readonly isOpen: boolean }) => {
  const words = useConstructionWords()
  const maySwitch = useHasRole(...OFFICE)
  const { set } = useRecord(Periode, id)
  if (!maySwitch) return null
  return (
    <Button
      className="above-link"
      size="compact-sm"
      variant="default"
      leftSection={isOpen ? <IconLock size={14} /> : <IconLockOpen size={14} />}
      onClick={() => set({ state: isOpen ? 'closed' : 'open' })}
    >
      {isOpen ? words.closeIt : words.openIt}
    </Button>
  )
}

export const MetresPart = ({ project, belonging }: ProjectPartProps) => {
  const words = useConstructionWords()
  const desk = useDesk()
  const periodes = belonging.rows(Periode) ?? []
  const bordereaux = belonging.rows(Bordereau) ?? []
  const open = periodes.filter(({ state }) => state === 'open').sort(latestFirst('from'))[0]
  const bordereau = bordereaux[0]
  return (
    <PartTable
      type={Metre}
      rows={belonging.rows(Metre)?.slice().sort(latestFirst('measuredOn'))}
      belonging={belonging}
      label={words.metres}
      emptyText={words.noMetres}
      action={
        <NewButton
          type={Metre}
          label={words.newMetre}
          values={() => ({
            project,
            title: words.metre,
            measuredOn: dayOf(desk.clock.now()),
            ...(open === undefined ? {} : { periode: refTo(Periode, open.id) }),
            ...(bordereau === undefined ? {} : { bordereau: refTo(Bordereau, bordereau.id) }),
          })}
        />
      }
      main={{ key: 'title', label: words.title, cell: row => row.title ?? words.metre }}
      columns={[
        {
          key: 'on',
          label: words.measuredOn,
          cell: row => row.measuredOn !== null && <Day on={row.measuredOn} />,
        },
        {
          key: 'periode',
          label: words.periode,
          from: 'tablet',
          cell: row => periodeLabel(words, periodes, row.periode),
        },
        { key: 'lines', label: words.linesHead, isNumber: true, cell: row => words.lines(row.lines) },
        {
          key: 'agreed',
          label: words.state,
          cell: row => row.agreed && <StateChip look="closed">{words.agreed}</StateChip>,
        },
      ]}
    />
  )
}

export const periodeLabel = (
  words: ReturnType<typeof useConstructionWords>,
  periodes: readonly { readonly id: string; readonly number: number | null }[],
  ref: string | null,
): string => {
  if (ref === null) return ''
  const wanted = localId('periode', ref)
  const number = periodes.find(({ id }) => localId('periode', id) === wanted)?.number
  return number == null ? '' : words.periodeName(String(number))
}

export const DecomptesPart = ({ project, belonging, currency }: ProjectPartProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  const desk = useDesk()
  const periodes = belonging.rows(Periode) ?? []
  const bordereau = belonging.rows(Bordereau)?.[0]
  const sorted = belonging.rows(Decompt)?.slice().sort(byNumber)
  const newest = [...periodes].sort(latestFirst('from'))[0]
  const last = sorted?.at(-1)
  return (
    <PartTable
      type={Decompt}
      rows={sorted}
      belonging={belonging}
      label={words.decomptes}
      emptyText={words.noDecomptes}
      action={
        <NewButton
          type={Decompt}
          label={words.newDecompte}
          roles={OFFICE}
          disabledWhy={newest === undefined || bordereau === undefined ? words.needsPeriode : undefined}
          values={() => ({
            project,
            number: (last?.number ?? 0) + 1,
            date: dayOf(desk.clock.now()),
            alreadyPaid: (sorted ?? [])
              .filter(({ state }) => state === 'paid')
              .reduce((sum, { netDue }) => sum + netDue, 0),
            ...(newest === undefined ? {} : { periode: refTo(Periode, newest.id) }),
            ...(bordereau === undefined ? {} : { bordereau: refTo(Bordereau, bordereau.id) }),
          })}
        />
      }
      main={{ key: 'number', label: words.decompte, cell: row => `${words.decompte} ${row.number ?? ''}` }}
      columns={[
        {
          key: 'periode',
          label: words.periode,
          from: 'tablet',
          cell: row => periodeLabel(words, periodes, row.periode),
        },
        {
          key: 'date',
          label: words.date,
          cell: row => row.date !== null && <Day on={row.date} />,
        },
        {
          key: 'state',
          label: words.state,
          cell: row => <StateChip look={row.state}>{words[row.state]}</StateChip>,
        },
        {
          key: 'works',
          label: words.works,
          isNumber: true,
          from: 'desktop',
          cell: row => format.money(row.works, currency),
        },
        {
          key: 'netDue',
          label: words.netDue,
          isNumber: true,
          cell: row => (
            <JustChanged of={row.netDue}>
              <strong>{format.money(row.netDue, currency)}</strong>
            </JustChanged>
          ),
        },
      ]}
    />
  )
}

export const PvsPart = ({ project, belonging }: ProjectPartProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  const desk = useDesk()
  return (
    <PartTable
      type={Pv}
      rows={belonging.rows(Pv)?.slice().sort(latestFirst('date'))}
      belonging={belonging}
      label={words.pvs}
      emptyText={words.noPvs}
      action={
        <NewButton
          type={Pv}
          label={words.newPv}
          values={() => ({ project, title: words.pv, date: dayOf(desk.clock.now()) })}
        />
      }
      main={{ key: 'title', label: words.title, cell: row => row.title ?? words.pv }}
      columns={[
        {
          key: 'date',
          label: words.date,
          cell: row => row.date !== null && <Day on={row.date} />,
        },
        { key: 'place', label: words.place, from: 'tablet', cell: row => row.place },
        { key: 'points', label: words.points, isNumber: true, cell: row => words.openPoints(row.openPoints) },
        {
          key: 'decisions',
          label: words.decisions,
          isNumber: true,
          from: 'tablet',
          cell: row => format.number(row.decisions),
        },
        {
          key: 'signed',
          label: words.state,
          cell: row => row.signed && <StateChip look="closed">{words.signed}</StateChip>,
        },
      ]}
    />
  )
}

export const AttachmentsPart = ({ project, belonging }: ProjectPartProps) => {
  const words = useConstructionWords()
  return (
    <PartTable
      type={Attachment}
      rows={belonging.rows(Attachment)}
      belonging={belonging}
      label={words.attachments}
      emptyText={words.noAttachments}
      action={
        <NewButton
          type={Attachment}
          label={words.newAttachment}
          values={() => ({ project, title: words.attachment })}
        />
      }
      main={{
        key: 'title',
        label: words.title,
        cell: row => row.title ?? row.file?.name ?? words.attachment,
      }}
      columns={[
        { key: 'kind', label: words.kind, cell: row => words[row.kind] },
        { key: 'file', label: words.file, cell: row => row.file !== null && <FileLink file={row.file} /> },
        {
          key: 'signed',
          label: words.signedOn,
          from: 'tablet',
          cell: row => row.signedOn !== null && <Day on={row.signedOn} />,
        },
      ]}
    />
  )
}

const endOfMonth = (day: string): string => {
  const [year = 1970, month = 1] = day.split('-').map(Number)
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
}
