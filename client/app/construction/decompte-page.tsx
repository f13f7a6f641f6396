import { Button } from '@mantine/core'
import { IconCalculator } from '@tabler/icons-react'
import { useEffect, useMemo, useState } from 'react'
import {
  Bordereau,
  Decompt,
  decompteLines,
  drawUp,
  localId,
  Metre,
  metresToDate,
  type OpenRecord,
  Periode,
  Project,
  type ViewOf,
} from '../../../shared/index.ts'
import { type UsedBelonging, useBelonging, useDesk, useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useConstructionWords } from './construction-words.ts'
import { EditGrid } from './edit-grid.tsx'
import { showChoice } from './show-choice.ts'
import { BordereauField, PeriodeField } from './part-choice.tsx'
import { useBackToProject, useCurrency } from './project-link.ts'
import { PartsCut } from './parts-cut.tsx'
import { PrintButton } from './print-button.tsx'
import { usePricedColumns } from './use-priced-columns.ts'
import { StateChip } from './state-chip.tsx'
import './print.css'

/** What is due for a période: quantities to date by price, retention and tax; it can be printed and signed. */
export const DecomptePage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const format = useFormat()
  const { view, set, record } = useRecord(Decompt, id)
  const back = useBackToProject(view?.project, 'decomptes')
  const currency = useCurrency(view?.project)
  const isOffice = useHasRole('office', 'project_manager')
  const mayWrite = useMayWrite(Decompt, id, 'lines')
  const belonging = useBelonging(Project, view?.project == null ? null : localId('project', view.project))
  const draft = useDrawnUp(view, belonging)
  const [said, setSaid] = useState('')
  const columns = usePricedColumns(view?.amounts, currency)
  const field = { type: Decompt, id }
  return (
    <RecordPage
      type={Decompt}
      id={id}
      title={view === undefined ? '' : `${words.decompte} ${view.number ?? ''}`}
      back={back}
      badge={view !== undefined && <StateChip look={view.state}>{words[view.state]}</StateChip>}
      canRemove={isOffice && view?.state === 'draft'}
      isWide
      actions={
        view !== undefined && (
          <>
            {isOffice && view.state === 'draft' && (
              <Button onClick={() => set({ state: 'issued' })}>{words.issue}</Button>
            )}
            {isOffice && view.state === 'issued' && (
              <>
                <Button variant="default" onClick={() => set({ state: 'draft' })}>
                  {words.backToDraft}
                </Button>
                <Button onClick={() => set({ state: 'paid' })}>{words.markPaid}</Button>
              </>
            )}
            <PrintButton />
          </>
        )
      }
      showValue={(path, value) =>
        (path.endsWith('/unitPrice') || path === 'alreadyPaid') && typeof value === 'number'
          ? format.money(value, currency)
          : showChoice(words, 'state')(path, value)
      }
    >
      {view !== undefined && (
        <div className="record-stack decompte">
          <PrintHead view={view} />
          <section className="card card-body no-print" aria-label={words.decompte}>
            <div className="field-grid">
              <NumberField {...field} path="number" kind="integer" label={words.number} />
              <DateField {...field} path="date" label={words.date} />
              <PeriodeField {...field} project={view.project} />
              <BordereauField {...field} project={view.project} />
              <NumberField {...field} path="retentionPercent" label={words.retentionPercent} />
              <NumberField {...field} path="vatPercent" label={words.vatPercent} />
              <NumberField
                {...field}
                path="alreadyPaid"
                kind="money"
                currency={currency}
                label={words.alreadyPaid}
              />
            </div>
            {mayWrite && draft !== null && (
              <div className="draw-up">
                <Button
                  variant={draft.isDifferent ? 'filled' : 'light'}
                  leftSection={<IconCalculator size={16} />}
                  disabled={draft.lines.size === 0}
                  onClick={() => {
                    if (record === null) return
                    // What drawing up uses of a record, the live one has.
                    const open = record as unknown as OpenRecord<typeof Decompt>
                    if (tryTo(() => drawUp(open, draft.lines))) setSaid(words.drawn(draft.lines.size))
                  }}
                >
                  {words.drawUp}
                </Button>
                <span className="quiet" role="status">
                  {said !== '' && !draft.isDifferent
                    ? said
                    : draft.isDifferent && view.lines.length > 0
                      ? words.changedSince
                      : words.drawUpHint}
                </span>
              </div>
            )}
            <PartsCut belonging={belonging} type="metre" />
          </section>
          <EditGrid
            {...field}
            list="lines"
            label={words.decompte}
            columns={columns}
            lines={view.lines}
            currency={currency}
            canWrite={mayWrite}
          />
          <Totals view={view} currency={currency} />
          <PrintFoot />
        </div>
      )}
    </RecordPage>
  )
}

/** What drawing it up now would write, and whether that differs from what stands there. */
const useDrawnUp = (view: ViewOf<typeof Decompt> | undefined, { rows }: UsedBelonging) => {
  const desk = useDesk()
  const bordereauId = view?.bordereau == null ? null : localId('bordereau', view.bordereau)
  const priced = useRecord(Bordereau, bordereauId, bordereau => bordereau.lines)
  const periodes = rows(Periode)
  const metreRows = rows(Metre)
  const metres = useOpenMetres(desk, view?.bordereau ?? null, metreRows)
  const periode = view?.periode ?? null
  const stated = view?.lines
  return useMemo(() => {
    if (priced === undefined || periodes === undefined || periode === null || stated === undefined)
      return null
    const facts = periodes.map(({ id, from, to }) => ({ id, from, to, removed: false }))
    const lines = decompteLines({ lines: priced }, metresToDate(metres, facts, periode))
    const isDifferent =
      [...lines].some(([id, { quantity, unitPrice }]) => {
        const line = stated.find(one => one.id === id)
        return line?.quantity !== quantity || (line.unitPrice ?? 0) !== unitPrice
      }) || stated.some(({ id, quantity }) => !lines.has(id) && (quantity ?? 0) !== 0)
    return { lines, isDifferent }
  }, [priced, periodes, periode, metres, stated])
}

type MetreView = ViewOf<typeof Metre>

/** The rows say which there are; the quantities stand in the records, which are on the device. */
const useOpenMetres = (
  desk: ReturnType<typeof useDesk>,
  bordereau: string | null,
  rows: readonly { readonly id: string; readonly bordereau: string | null }[] | undefined,
): readonly MetreView[] => {
  const [views, setViews] = useState<readonly MetreView[]>([])
  const ids = (rows ?? [])
    .filter(row => row.bordereau === bordereau)
    .map(({ id }) => localId('metre', id))
    .sort()
    .join(' ')
  useEffect(() => {
    const records = ids === '' ? [] : ids.split(' ').map(id => desk.open(Metre, id))
    const look = (): void =>
      setViews(
        records.flatMap(({ view }) => {
          return view === undefined ? [] : [view]
        }),
      )
    const stops = records.map(record => record.subscribe('', look))
    look()
    return () => {
      for (const stop of stops) stop()
      for (const record of records) record.close()
    }
  }, [desk, ids])
  return views
}

interface TotalsProps {
  readonly view: ViewOf<typeof Decompt>
  readonly currency: string
}

const Totals = ({ view, currency }: TotalsProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  const { totals, retentionPercent, vatPercent, alreadyPaid } = view
  const line = (label: string, amount: number, look?: string) => (
    <div className="total-line" data-look={look}>
      <dt>{label}</dt>
      <dd>
        <JustChanged of={amount}>{format.money(amount, currency)}</JustChanged>
      </dd>
    </div>
  )
  return (
    <section className="card card-body totals" aria-label={words.total}>
      <dl>
        {line(words.works, totals.works)}
        {line(words.retention(format.rate(retentionPercent)), -totals.retention)}
        {line(words.taxable, totals.taxable, 'sum')}
        {line(words.vat(format.rate(vatPercent)), totals.vat)}
        {line(words.totalWithVat, totals.total, 'sum')}
        {alreadyPaid !== 0 && line(words.alreadyPaid, -alreadyPaid)}
        {line(words.netDue, totals.netDue, 'due')}
      </dl>
    </section>
  )
}

/** What a sheet of paper has to say, and the screen says elsewhere. */
const PrintHead = ({ view }: { readonly view: ViewOf<typeof Decompt> }) => {
  const words = useConstructionWords()
  const format = useFormat()
  const projectId = view.project === null ? null : localId('project', view.project)
  const project = useRecord(Project, projectId, one => one)
  const periodeId = view.periode === null ? null : localId('periode', view.periode)
  const periode = useRecord(Periode, periodeId, one => one)
  return (
    <header className="print-only print-head">
      <h1>
        {words.decompte} {view.number}
      </h1>
      <dl>
        <dt>{words.objet}</dt>
        <dd>{project?.objet}</dd>
        <dt>{words.client}</dt>
        <dd>{project?.client}</dd>
        <dt>{words.place}</dt>
        <dd>{project?.place}</dd>
        <dt>{words.periode}</dt>
        <dd>
          {periode?.number} ({periode?.from == null ? '…' : format.date(periode.from)} –{' '}
          {periode?.to == null ? '…' : format.date(periode.to)})
        </dd>
        <dt>{words.date}</dt>
        <dd>{view.date !== null && format.date(view.date)}</dd>
        <dt>{words.state}</dt>
        <dd>{words[view.state]}</dd>
      </dl>
    </header>
  )
}

const PrintFoot = () => {
  const words = useConstructionWords()
  return (
    <footer className="print-only print-foot">
      <div>{words.forContractor}</div>
      <div>{words.forClient}</div>
    </footer>
  )
}
