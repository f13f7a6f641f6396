import { Button } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useMemo, useRef } from 'react'
import { Attachment } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useDesk, useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { SelectField } from '../fields/select-field.tsx'
import { TagsField } from '../fields/tags-field.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { useGivenFiles } from '../record-page/given-files.ts'
import { sayTrouble } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useDirectory } from '../session/directory.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { useConstructionWords } from './construction-words.ts'
import { EditGrid } from './edit-grid.tsx'
import { showChoice } from './show-choice.ts'
import { FileLink } from './file-link.tsx'
import type { GridColumn } from './grid-column.ts'
import { PeriodeField } from './part-choice.tsx'
import { useBackToProject } from './project-link.ts'
import { TakeFromMetres } from './take-from-metres.tsx'
import { Signatures } from './signatures.tsx'
import { StateChip } from './state-chip.tsx'

const kinds = ['attachement', 'plan', 'contract', 'invoice', 'letter', 'other'] as const

/** A file of the project; of the kind «attachement», the quantities that both sides signed for. */
export const AttachmentPage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const me = useMyId()
  const people = useDirectory()
  const isOffice = useHasRole('office', 'project_manager')
  const { view, record } = useRecord(Attachment, id)
  const back = useBackToProject(view?.project, 'attachments')
  const { files } = useDesk()
  const chooser = useRef<HTMLInputElement>(null)
  const isSigned = view !== undefined && (view.signedOn !== null || view.signatures.length > 0)
  const mayWrite = useMayWrite(Attachment, id, 'file')
  const attach = (file: File): void => {
    // The machinery's own type: a file of any record.
    files.attach(record as unknown as LiveRecord, 'file', file, file.name).catch(sayTrouble)
  }
  useGivenFiles(mayWrite && record !== null ? ([file]) => file !== undefined && attach(file) : null)
  const columns = useMemo(
    (): readonly GridColumn[] => [
      { key: 'line', label: words.number, kind: 'text', width: '5.25rem' },
      { key: 'designation', label: words.designation, kind: 'text', width: 'minmax(13.75rem, 1fr)' },
      { key: 'unit', label: words.unit, kind: 'text', width: '4.75rem' },
      { key: 'quantity', label: words.quantity, kind: 'number', width: '7.25rem' },
    ],
    [words],
  )
  const field = { type: Attachment, id }
  return (
    <RecordPage
      type={Attachment}
      id={id}
      title={view === undefined ? '' : (view.title ?? view.file?.name ?? words.attachment)}
      back={back}
      badge={isSigned && <StateChip look="closed">{words.signed}</StateChip>}
      canRemove={isOffice || view?.createdBy === me}
      showValue={showChoice(words, 'kind')}
    >
      {view !== undefined && (
        <div className="record-stack">
          <section className="card card-body" aria-label={words.attachment}>
            <div className="field-grid">
              <LineField {...field} path="title" label={words.title} />
              <SelectField
                {...field}
                path="kind"
                label={words.kind}
                choices={kinds.map(value => ({ value, label: words[value] }))}
              />
              <PeriodeField {...field} project={view.project} />
              <DateField {...field} path="signedOn" label={words.signedOn} />
              <TagsField
                {...field}
                path="signedBy"
                label={words.signedBy}
                suggestions={[...people.values()].map(({ name }) => name)}
                className="span-all"
              />
            </div>
            {view.kind === 'attachement' && mayWrite && record !== null && (
              <div className="draw-up">
                <TakeFromMetres view={view} record={record} />
              </div>
            )}
          </section>
          <section
            className={`card card-body file-box ${view.file === null ? 'no-print' : ''}`}
            aria-label={words.file}
          >
            {view.file === null ? (
              <span className="quiet">{words.noFile}</span>
            ) : (
              <FileLink file={view.file} />
            )}
            {mayWrite && record !== null && (
              <>
                <input
                  ref={chooser}
                  type="file"
                  className="visually-hidden"
                  tabIndex={-1}
                  aria-label={words.chooseFile}
                  onChange={event => {
                    const [chosen] = event.currentTarget.files ?? []
                    event.currentTarget.value = ''
                    if (chosen !== undefined) attach(chosen)
                  }}
                />
                <Button
                  variant="light"
                  leftSection={<IconUpload size={16} />}
                  onClick={() => chooser.current?.click()}
                >
                  {words.chooseFile}
                </Button>
              </>
            )}
          </section>
          {view.kind === 'attachement' && record !== null && (
            <>
              <EditGrid
                {...field}
                list="lines"
                label={words.attachement}
                columns={columns}
                lines={view.lines}
                canWrite={mayWrite}
              />
              <Signatures view={view} record={record} />
            </>
          )}
        </div>
      )}
    </RecordPage>
  )
}
