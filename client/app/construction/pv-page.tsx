import { ActionIcon, Button, Checkbox } from '@mantine/core'
import { IconPlus, IconRotate2, IconSignature, IconTrash } from '@tabler/icons-react'
import { joinPath, Pv, type ViewOf } from '../../../shared/index.ts'
import { useField, useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { RichField } from '../fields/rich-field.tsx'
import { TagsField } from '../fields/tags-field.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { useDirectory } from '../session/directory.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { useConstructionWords } from './construction-words.ts'
import { PrintButton } from './print-button.tsx'
import { useBackToProject } from './project-link.ts'
import { StateChip } from './state-chip.tsx'
import { labelled } from '../words/labelled.ts'
import './print.css'

/** The minutes of a site meeting. */
export const PvPage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const me = useMyId()
  const people = useDirectory()
  const isOffice = useHasRole('office', 'project_manager')
  const isStaff = useHasRole('engineer', 'office', 'project_manager')
  const { view, set, record } = useRecord(Pv, id)
  const back = useBackToProject(view?.project, 'pvs')
  const field = { type: Pv, id }
  const mayWrite = useMayWrite(Pv, id, 'points')
  const adding = (list: 'points' | 'decisions', label: string) => (
    <Button
      mt="md"
      variant="light"
      leftSection={<IconPlus size={16} />}
      onClick={() => tryTo(() => record?.list(list).add({}))}
    >
      {label}
    </Button>
  )
  return (
    <RecordPage
      type={Pv}
      id={id}
      title={view === undefined ? '' : (view.title ?? words.pv)}
      back={back}
      badge={view?.signed === true && <StateChip look="closed">{words.signed}</StateChip>}
      canRemove={isOffice || view?.createdBy === me}
      actions={
        view !== undefined && (
          <>
            {isStaff && (
              <Button
                variant="default"
                leftSection={view.signed ? <IconRotate2 size={16} /> : <IconSignature size={16} />}
                onClick={() => set({ signed: !view.signed })}
              >
                {view.signed ? words.withdraw : words.sign}
              </Button>
            )}
            <PrintButton />
          </>
        )
      }
      entryName={list =>
        list === 'points' ? words.point : list === 'decisions' ? words.decision : undefined
      }
    >
      {view !== undefined && (
        <div className="record-stack pv">
          <section className="card card-body" aria-label={words.pv}>
            <div className="field-grid">
              <LineField {...field} path="title" label={words.title} />
              <DateField {...field} path="date" label={words.date} />
              <LineField {...field} path="place" label={words.place} />
              <TagsField
                {...field}
                path="present"
                label={words.present}
                suggestions={[...people.values()].map(({ name }) => name)}
                className="span-all"
              />
            </div>
          </section>
          <section className="card card-body" aria-label={words.points}>
            <h2 className="card-title">{words.points}</h2>
            {view.points.length === 0 && <Empty isQuiet title={words.noPoints} />}
            <ol className="pv-points">
              {view.points.map((point, i) => (
                <Point key={point.id} id={id} point={point} number={i + 1} mayWrite={mayWrite} />
              ))}
            </ol>
            {mayWrite && adding('points', words.addPoint)}
          </section>
          <section className="card card-body" aria-label={words.decisions}>
            <h2 className="card-title">{words.decisions}</h2>
            {view.decisions.length === 0 && <Empty isQuiet title={words.noDecisions} />}
            <ol className="pv-points">
              {view.decisions.map((decision, i) => (
                <li key={decision.id} className="pv-decision">
                  <LineField
                    {...field}
                    isMultiline
                    isLabelHidden
                    path={joinPath('decisions', decision.id, 'body')}
                    label={`${words.decision} ${i + 1}`}
                  />
                  {mayWrite && (
                    <Remove
                      label={labelled(words.removeLine, `${words.decision} ${i + 1}`)}
                      onRemove={() => tryTo(() => record?.list('decisions').remove(decision.id))}
                    />
                  )}
                </li>
              ))}
            </ol>
            {mayWrite && adding('decisions', words.addDecision)}
          </section>
          <section className="card card-body" aria-label={words.notes}>
            <RichField {...field} path="notes" label={words.notes} />
          </section>
        </div>
      )}
    </RecordPage>
  )
}

interface PointProps {
  readonly id: string
  readonly point: ViewOf<typeof Pv>['points'][number]
  readonly number: number
  readonly mayWrite: boolean
}

const Point = ({ id, point, number, mayWrite }: PointProps) => {
  const words = useConstructionWords()
  const { record } = useRecord(Pv, id)
  const at = (part: string): string => joinPath('points', point.id, part)
  const done = useField(Pv, id, at('done'))
  const name = `${words.point} ${number}`
  return (
    <li className="pv-point" data-done={point.done ? '' : undefined}>
      <Checkbox
        className="pv-done"
        aria-label={labelled(name, words.done)}
        checked={point.done}
        disabled={!mayWrite}
        onChange={event => done.set(event.currentTarget.checked)}
      />
      <LineField
        type={Pv}
        id={id}
        isMultiline
        isLabelHidden
        path={at('body')}
        label={name}
        className="pv-body"
      />
      <LineField type={Pv} id={id} path={at('responsible')} label={words.responsible} />
      <DateField type={Pv} id={id} path={at('due')} label={words.due} />
      {mayWrite && (
        <Remove
          label={labelled(words.removeLine, name)}
          onRemove={() => tryTo(() => record?.list('points').remove(point.id))}
        />
      )}
    </li>
  )
}

const Remove = ({ label, onRemove }: { readonly label: string; readonly onRemove: () => void }) => (
  <ActionIcon
    variant="subtle"
    color="gray"
    size={36}
    aria-label={label}
    className="no-print"
    onClick={onRemove}
  >
    <IconTrash size={16} />
  </ActionIcon>
)
