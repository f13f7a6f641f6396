import { Button } from '@mantine/core'
import { IconCheck, IconRotate2 } from '@tabler/icons-react'
import { useMemo } from 'react'
import { Bordereau, localId, Metre, type ViewOf } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { JustChanged } from '../state/just-changed.tsx'
import { useConstructionWords } from './construction-words.ts'
import { EditGrid } from './edit-grid.tsx'
import type { GridColumn } from './grid-column.ts'
import { BordereauField, PeriodeField } from './part-choice.tsx'
import { useBackToProject } from './project-link.ts'
import { StateChip } from './state-chip.tsx'

/** What was measured on site, against the lines of a bordereau. */
export const MetrePage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const format = useFormat()
  const me = useMyId()
  const { view, set } = useRecord(Metre, id)
  const back = useBackToProject(view?.project, 'metres')
  const isOffice = useHasRole('office', 'project_manager')
  const mayWrite = useMayWrite(Metre, id, 'lines')
  const bordereauId = view?.bordereau == null ? null : localId('bordereau', view.bordereau)
  const lines = useRecord(Bordereau, bordereauId, bordereau => bordereau.lines)
  const quantities = view?.quantities
  const columns = useMemo((): readonly GridColumn[] => {
    const measure = (
      key: 'count' | 'length' | 'width' | 'height' | 'quantity',
      label: string,
    ): GridColumn => ({
      key,
      label,
      kind: 'number',
      width: '5rem',
    })
    return [
      {
        key: 'line',
        label: words.bordereauLine,
        kind: 'choice',
        width: 'minmax(10rem, 1.4fr)',
        choices: (lines ?? []).map(line => ({
          value: line.id,
          label: `${line.number ?? ''} ${line.designation ?? ''}`.trim(),
        })),
      },
      { key: 'location', label: words.location, kind: 'text', width: 'minmax(6.25rem, 1fr)' },
      measure('count', words.count),
      measure('length', words.length),
      measure('width', words.width),
      measure('height', words.height),
      measure('quantity', words.read),
      {
        key: 'measured',
        label: words.measured,
        kind: 'computed',
        width: '5.25rem',
        computed: line => format.number(quantities?.[line] ?? 0),
      },
      { key: 'note', label: words.note, kind: 'text', width: 'minmax(6.25rem, 1fr)' },
    ]
  }, [words, format, lines, quantities])
  const field = { type: Metre, id }
  return (
    <RecordPage
      type={Metre}
      id={id}
      title={view === undefined ? '' : (view.title ?? words.metre)}
      back={back}
      badge={view?.agreed === true && <StateChip look="closed">{words.agreed}</StateChip>}
      canRemove={view !== undefined && !view.agreed && (isOffice || view.createdBy === me)}
      isWide
      actions={
        view !== undefined && isOffice ? (
          <Button
            variant="default"
            leftSection={view.agreed ? <IconRotate2 size={16} /> : <IconCheck size={16} />}
            onClick={() => set({ agreed: !view.agreed })}
          >
            {view.agreed ? words.withdraw : words.agree}
          </Button>
        ) : undefined
      }
      entryName={(_, line) => {
        const row = view?.lines.findIndex(({ id }) => id === line) ?? -1
        return row < 0 ? words.line : `${words.line} ${row + 1}`
      }}
      showValue={(path, value) => {
        const line = path.endsWith('/line') ? lines?.find(({ id: key }) => key === value) : undefined
        return line === undefined ? undefined : `${line.number ?? ''} ${line.designation ?? ''}`.trim()
      }}
    >
      {view !== undefined && (
        <div className="record-stack">
          <section className="card card-body" aria-label={words.metre}>
            <div className="field-grid">
              <LineField {...field} path="title" label={words.title} />
              <DateField {...field} path="measuredOn" label={words.measuredOn} />
              <PeriodeField {...field} project={view.project} />
              <BordereauField {...field} project={view.project} />
            </div>
          </section>
          {view.bordereau === null ? (
            <div className="card">
              <Empty isQuiet title={words.noBordereauYet} />
            </div>
          ) : (
            <EditGrid
              {...field}
              list="lines"
              label={words.metre}
              columns={columns}
              lines={view.lines}
              canWrite={mayWrite}
            />
          )}
          <ByLine view={view} lines={lines ?? []} />
        </div>
      )}
    </RecordPage>
  )
}

interface ByLineProps {
  readonly view: ViewOf<typeof Metre>
  readonly lines: ViewOf<typeof Bordereau>['lines']
}

const ByLine = ({ view, lines }: ByLineProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  const measured = lines.filter(line => view.byLine[line.id] !== undefined)
  if (measured.length === 0) return null
  return (
    <section className="card card-body" aria-label={words.byLine}>
      <h2 className="card-title">{words.byLine}</h2>
      <ul className="plain-rows">
        {measured.map(line => {
          const quantity = view.byLine[line.id] ?? 0
          return (
            <li key={line.id}>
              <span>
                {line.number} {line.designation}
              </span>
              <JustChanged of={quantity} className="num">
                <strong>{format.number(quantity)}</strong> {line.unit}
                {line.quantity !== null && line.quantity > 0 && (
                  <span className="quiet">
                    {' '}
                    · {format.percent(quantity / line.quantity)} {words.ofPlanned}
                  </span>
                )}
              </JustChanged>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
