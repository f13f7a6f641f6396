import { Photo } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { DateField } from '../fields/date-field.tsx'
import { LineField } from '../fields/line-field.tsx'
import { RecordPage } from '../record-page/record-page.tsx'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useConstructionWords } from './construction-words.ts'
import { useBackToProject } from './project-link.ts'
import { useShownFile } from './use-shown-file.ts'

export const PhotoPage = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const me = useMyId()
  const isOffice = useHasRole('office', 'project_manager')
  const { view } = useRecord(Photo, id)
  const back = useBackToProject(view?.project, 'photos')
  const { url, isMissing } = useShownFile(view?.file ?? null)
  return (
    <RecordPage
      type={Photo}
      id={id}
      title={view === undefined ? '' : (view.caption ?? words.photo)}
      back={back}
      canRemove={isOffice || view?.createdBy === me}
    >
      {view !== undefined && (
        <div className="record-columns">
          <div className="card photo-whole">
            {url === undefined ? (
              <Empty isQuiet title={isMissing ? words.photoMissing : appWords.loading} />
            ) : (
              <img src={url} alt={view.caption ?? words.photo} />
            )}
          </div>
          <section className="card card-body stack" aria-label={words.photo}>
            <LineField type={Photo} id={id} path="caption" label={words.caption} isMultiline />
            <LineField type={Photo} id={id} path="place" label={words.place} />
            <DateField type={Photo} id={id} path="takenAt" kind="time" label={words.takenAt} />
          </section>
        </div>
      )}
    </RecordPage>
  )
}
