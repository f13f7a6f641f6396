import { IconCloudCheck, IconCloudDownload } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Project, type Row, type ViewOf } from '../../../shared/index.ts'
import { type UsedBelonging, useBelonging, useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { PersonField } from '../fields/person-field.tsx'
import { RichField } from '../fields/rich-field.tsx'
import { SelectField } from '../fields/select-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { RecordPage } from '../record-page/record-page.tsx'
import { Link } from '../route/link.tsx'
import { useHasRole } from '../session/use-my-id.ts'
import { useAppWords } from '../words/app-words.ts'
import { useConstructionWords } from './construction-words.ts'
import { showChoice } from './show-choice.ts'
import { EngineersField } from './engineers-field.tsx'
import { useNewProject } from './new-project.ts'
import { PartsCut } from './parts-cut.tsx'
import { ProjectFigures } from './project-figures.tsx'
import {
  AttachmentsPart,
  BordereauxPart,
  DecomptesPart,
  MetresPart,
  PeriodesPart,
  PvsPart,
} from './project-parts.tsx'
import { PhotosPart } from './photos-part.tsx'
import { StateChip } from './state-chip.tsx'

const parts = [
  'overview',
  'bordereaux',
  'periodes',
  'metres',
  'decomptes',
  'photos',
  'pvs',
  'attachments',
] as const
type Part = (typeof parts)[number]

const typeOf: { readonly [P in Part]?: string } = {
  bordereaux: 'bordereau',
  periodes: 'periode',
  metres: 'metre',
  decomptes: 'decompt',
  photos: 'photo',
  pvs: 'pv',
  attachments: 'attachment',
}

interface ProjectPageProps {
  readonly id: string
  readonly part: string
}

/** A project and all that belongs to it, live and whole on this device while it is open. */
export const ProjectPage = ({ id, part: asked }: ProjectPageProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const part = parts.find(one => one === asked) ?? 'overview'
  const { view } = useRecord(Project, id)
  const belonging = useBelonging(Project, id)
  const mayRemove = useHasRole('project_manager')
  const first = useNewProject()
  const tabs = useRef<HTMLElement>(null)
  const isThere = view !== undefined
  // A narrow screen does not show all tabs at once; it shows the one that is open.
  useEffect(() => {
    if (!isThere || tabs.current === null) return
    const tab = tabs.current.querySelector<HTMLElement>(`[data-part="${part}"]`)
    if (tab === null) return
    tabs.current.scrollLeft = tab.offsetLeft - (tabs.current.clientWidth - tab.offsetWidth) / 2
  }, [part, isThere])
  return (
    <RecordPage
      type={Project}
      id={id}
      title={view?.objet ?? ''}
      back={{ to: '/construction/projects', label: appWords.projects }}
      badge={view !== undefined && <StateChip look={view.state}>{words[view.state]}</StateChip>}
      canRemove={mayRemove}
      first={first}
      isWide
      actions={<KeptSign belonging={belonging} />}
      showValue={showChoice(words, 'state')}
    >
      {view !== undefined && (
        <>
          <nav className="part-tabs" aria-label={words.project} ref={tabs}>
            {parts.map(one => (
              <Link
                key={one}
                to={`/construction/projects/${encodeURIComponent(id)}${one === 'overview' ? '' : `/${one}`}`}
                className="part-tab"
                data-part={one}
                aria-current={one === part ? 'page' : undefined}
              >
                {words[one]}
                <PartCount rows={belonging.lists[typeOf[one] ?? '']} />
              </Link>
            ))}
          </nav>
          <PartsCut belonging={belonging} {...(typeOf[part] === undefined ? {} : { type: typeOf[part] })} />
          <PartContent id={id} part={part} view={view} belonging={belonging} />
        </>
      )}
    </RecordPage>
  )
}

const PartCount = ({ rows }: { readonly rows: readonly Row[] | undefined }) => {
  const format = useFormat()
  return rows === undefined || rows.length === 0 ? null : (
    <span className="part-count">{format.number(rows.length)}</span>
  )
}

/** Whether one may go into the cellar now. */
const KeptSign = ({ belonging }: { readonly belonging: UsedBelonging }) => {
  const words = useConstructionWords()
  const isLoading = belonging.state === 'loading'
  return (
    <span className="kept-sign" role="status">
      {isLoading ? <IconCloudDownload size={16} aria-hidden /> : <IconCloudCheck size={16} aria-hidden />}
      <span className="kept-sign-text">
        {isLoading ? words.keepingHere : belonging.state === 'device' ? words.onlyKept : words.keptHere}
      </span>
    </span>
  )
}

interface PartContentProps {
  readonly id: string
  readonly part: Part
  readonly view: ViewOf<typeof Project>
  readonly belonging: UsedBelonging
}

const PartContent = ({ id, part, view, belonging }: PartContentProps) => {
  const shared = { project: `project:${id}`, belonging, currency: view.currency }
  switch (part) {
    case 'overview':
      return <Overview id={id} view={view} belonging={belonging} />
    case 'bordereaux':
      return <BordereauxPart {...shared} />
    case 'periodes':
      return <PeriodesPart {...shared} />
    case 'metres':
      return <MetresPart {...shared} />
    case 'decomptes':
      return <DecomptesPart {...shared} />
    case 'photos':
      return <PhotosPart {...shared} />
    case 'pvs':
      return <PvsPart {...shared} />
    case 'attachments':
      return <AttachmentsPart {...shared} />
  }
}

const Overview = ({ id, view, belonging }: Omit<PartContentProps, 'part'>) => {
  const words = useConstructionWords()
  const field = { type: Project, id }
  return (
    <div className="record-columns">
      <section className="card card-body" aria-label={words.overview}>
        <div className="field-grid">
          <LineField {...field} path="objet" label={words.objet} className="span-all" />
          <LineField {...field} path="number" label={words.number} />
          <LineField {...field} path="client" label={words.client} />
          <LineField {...field} path="place" label={words.place} />
          <SelectField
            {...field}
            path="state"
            label={words.state}
            choices={(['planned', 'active', 'suspended', 'closed'] as const).map(value => ({
              value,
              label: words[value],
            }))}
          />
          <DateField {...field} path="start" label={words.start} />
          <DateField {...field} path="deadline" label={words.deadline} />
          <PersonField {...field} path="manager" label={words.manager} roles={['project_manager']} />
          <LineField {...field} path="currency" label={words.currency} />
          <EngineersField id={id} />
          <div className="span-all">
            <RichField {...field} path="notes" label={words.notes} />
          </div>
        </div>
      </section>
      <ProjectFigures id={id} view={view} belonging={belonging} />
    </div>
  )
}
