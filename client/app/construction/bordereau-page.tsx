import { Bordereau } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { LineField } from '../fields/line-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useHasRole } from '../session/use-my-id.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useConstructionWords } from './construction-words.ts'
import { EditGrid } from './edit-grid.tsx'
import { useBackToProject, useCurrency } from './project-link.ts'
import { usePricedColumns } from './use-priced-columns.ts'

export const BordereauPage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const format = useFormat()
  const { view } = useRecord(Bordereau, id)
  const back = useBackToProject(view?.project, 'bordereaux')
  const currency = useCurrency(view?.project)
  const isOffice = useHasRole('office', 'project_manager')
  const mayWrite = useMayWrite(Bordereau, id, 'lines')
  const columns = usePricedColumns(view?.amounts, currency)
  return (
    <RecordPage
      type={Bordereau}
      id={id}
      title={view === undefined ? '' : (view.title ?? words.bordereau)}
      back={back}
      canRemove={isOffice}
      isWide
      entryName={(_, line) =>
        `${words.line} ${view?.lines.find(({ id }) => id === line)?.number ?? ''}`.trim()
      }
      showValue={(path, value) =>
        path.endsWith('/unitPrice') && typeof value === 'number' ? format.money(value, currency) : undefined
      }
    >
      {view !== undefined && (
        <div className="record-stack">
          <LineField type={Bordereau} id={id} path="title" label={words.title} className="narrow-field" />
          <EditGrid
            type={Bordereau}
            id={id}
            list="lines"
            label={words.bordereau}
            columns={columns}
            lines={view.lines}
            currency={currency}
            canWrite={mayWrite}
            footer={
              <span className="grid-total">
                {words.total}
                <JustChanged of={view.total}>
                  <strong data-testid="bordereau-total">{format.money(view.total, currency)}</strong>
                </JustChanged>
              </span>
            }
          />
        </div>
      )}
    </RecordPage>
  )
}
