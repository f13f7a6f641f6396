import { localId, Metre, Periode, Project } from '../../../shared/index.ts'
import { useBelonging, useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { NumberField } from '../fields/number-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { pathTo } from '../route/route.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { useConstructionWords } from './construction-words.ts'
import { showChoice } from './show-choice.ts'
import { useBackToProject } from './project-link.ts'
import { PeriodeSwitch } from './project-parts.tsx'
import { PartsCut } from './parts-cut.tsx'
import { StateChip } from './state-chip.tsx'

export const PeriodePage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const format = useFormat()
  const { view } = useRecord(Periode, id)
  const back = useBackToProject(view?.project, 'periodes')
  const isOffice = useHasRole('office', 'project_manager')
  const belonging = useBelonging(Project, view?.project == null ? null : localId('project', view.project))
  const metres = (belonging.rows(Metre) ?? []).filter(
    ({ periode }) => periode !== null && localId('periode', periode) === id,
  )
  const field = { type: Periode, id }
  return (
    <RecordPage
      type={Periode}
      id={id}
      title={view === undefined ? '' : words.periodeName(String(view.number ?? ''))}
      back={back}
      badge={
        view !== undefined && (
          <StateChip look={view.state}>{view.state === 'open' ? words.open : words.closed}</StateChip>
        )
      }
      actions={view !== undefined && <PeriodeSwitch id={id} isOpen={view.state === 'open'} />}
      canRemove={isOffice}
      showValue={showChoice(words, 'state')}
    >
      {view !== undefined && (
        <div className="record-stack">
          <section className="card card-body" aria-label={words.periode}>
            <div className="field-grid">
              <NumberField {...field} path="number" kind="integer" label={words.number} />
              <DateField {...field} path="from" label={words.from} />
              <DateField {...field} path="to" label={words.to} />
            </div>
          </section>
          <section className="card card-body" aria-label={words.metres}>
            <h2 className="card-title">{words.metres}</h2>
            <PartsCut belonging={belonging} type="metre" />
            {metres.length === 0 && <Empty isQuiet title={words.noMetres} />}
            <ul className="plain-rows">
              {metres.map(metre => (
                <li key={metre.id}>
                  <Link to={pathTo(Metre, metre.id)}>{metre.title ?? words.metre}</Link>
                  <span className="quiet">{metre.measuredOn !== null && format.date(metre.measuredOn)}</span>
                </li>
              ))}
            </ul>
          </section>
        </div>
      )}
    </RecordPage>
  )
}
