import { Button } from '@mantine/core'
import { IconCamera, IconChevronLeft, IconChevronRight, IconPhotoPlus } from '@tabler/icons-react'
import { type ChangeEvent, useRef, useState } from 'react'
import { localId, Photo, type RowOf } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { LineField } from '../fields/line-field.tsx'
import { useFormat } from '../format/use-format.ts'
import { useNameOf } from '../session/directory.tsx'
import { useGivenFiles } from '../record-page/given-files.ts'
import { sayTrouble } from '../record-page/say-trouble.ts'
import { useHasRole, useMyId } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { useAppWords } from '../words/app-words.ts'
import { labelled } from '../words/labelled.ts'
import { reasonNow } from '../words/type-words.ts'
import { useConstructionWords } from './construction-words.ts'
import { whenTaken } from './when-taken.ts'
import type { ProjectPartProps } from './project-parts.tsx'
import { type ShownFile, useShownFile } from './use-shown-file.ts'
import { Modal } from '../state/dialog.tsx'

type PhotoRow = RowOf<typeof Photo>

export const PhotosPart = ({ project, belonging }: ProjectPartProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const rows = belonging.rows(Photo)
  const [shown, setShown] = useState<string | null>(null)
  if (rows === undefined)
    return <Empty isQuiet title={belonging.state === 'error' ? appWords.listFailed : appWords.loading} />
  const sorted = [...rows].sort((a, b) => (b.takenAt ?? b.created ?? 0) - (a.takenAt ?? a.created ?? 0))
  const at = sorted.findIndex(({ id }) => id === shown)
  const photo = sorted[at]
  return (
    <>
      <TakePhoto project={project} />
      {sorted.length === 0 ? (
        <div className="card">
          <Empty title={words.noPhotos} />
        </div>
      ) : (
        <ul className="photos">
          {sorted.map(row => (
            <li key={row.id}>
              <PhotoTile photo={row} onOpen={() => setShown(row.id)} />
            </li>
          ))}
        </ul>
      )}
      {photo !== undefined && (
        <PhotoView
          photo={photo}
          onClose={() => setShown(null)}
          onPrevious={at > 0 ? () => setShown(sorted[at - 1]?.id ?? null) : null}
          onNext={at < sorted.length - 1 ? () => setShown(sorted[at + 1]?.id ?? null) : null}
        />
      )}
    </>
  )
}

/** With the camera where there is one, with files elsewhere. Both work with no connection. */
const TakePhoto = ({ project }: { readonly project: string }) => {
  const words = useConstructionWords()
  const desk = useDesk()
  const me = useMyId()
  const mayAdd = useHasRole('engineer', 'office', 'project_manager')
  const camera = useRef<HTMLInputElement>(null)
  const chooser = useRef<HTMLInputElement>(null)
  const add = async (chosen: readonly File[]): Promise<void> => {
    for (const chosenFile of chosen) {
      const takenAt = whenTaken(chosenFile, Math.floor(desk.clock.now()), Date.now())
      try {
        // The picture first: a photo that has none tells nobody anything.
        const file = await desk.files.keep(chosenFile, chosenFile.name, { type: Photo, path: 'file' })
        desk.create(Photo, { project, takenAt, takenBy: me, file }).close()
      } catch (error) {
        sayTrouble(error)
      }
    }
  }
  useGivenFiles(mayAdd ? files => void add(files) : null)
  if (!mayAdd) return null
  const onChosen = ({ currentTarget: input }: ChangeEvent<HTMLInputElement>): void => {
    // The input's own list is empty as soon as the input is.
    void add([...(input.files ?? [])])
    input.value = ''
  }
  return (
    <div className="part-actions">
      <input
        ref={camera}
        className="visually-hidden"
        type="file"
        accept="image/*"
        capture="environment"
        tabIndex={-1}
        aria-label={words.takePhoto}
        data-testid="camera"
        onChange={onChosen}
      />
      <input
        ref={chooser}
        className="visually-hidden"
        type="file"
        accept="image/*"
        multiple
        tabIndex={-1}
        aria-label={words.choosePhotos}
        onChange={onChosen}
      />
      <Button size="md" leftSection={<IconCamera size={20} />} onClick={() => camera.current?.click()}>
        {words.takePhoto}
      </Button>
      <Button
        size="md"
        variant="default"
        leftSection={<IconPhotoPlus size={20} />}
        onClick={() => chooser.current?.click()}
      >
        {words.choosePhotos}
      </Button>
    </div>
  )
}

interface PhotoTileProps {
  readonly photo: PhotoRow
  readonly onOpen: () => void
}

const PhotoTile = ({ photo, onOpen }: PhotoTileProps) => {
  const words = useConstructionWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const file = useShownFile(photo.file, 'thumb')
  const { url, isMissing } = file
  const when = photo.takenAt ?? photo.created
  return (
    <button type="button" className="photo card" onClick={onOpen}>
      <span className="photo-frame">
        {url !== undefined ? (
          <img src={url} alt="" loading="lazy" />
        ) : (
          <span className="quiet">{isMissing ? words.photoMissing : '…'}</span>
        )}
      </span>
      <span className="photo-words">
        <strong>{photo.caption ?? '–'}</strong>
        <span className="quiet">
          {when !== null && format.dateTime(when)} · {nameOf(photo.takenBy ?? photo.createdBy)}
        </span>
        <PhotoState file={file} />
      </span>
    </button>
  )
}

const PhotoState = ({ file }: { readonly file: ShownFile }) => {
  const words = useConstructionWords()
  const { state, error } = file
  if (state === 'sent') return null
  const text = { queued: words.photoWaiting, sending: words.photoSending, failed: words.photoFailed }[state]
  return (
    <span className="photo-state" data-testid="photo-state">
      <StateDot
        save={state === 'failed' ? 'refused' : 'on device'}
        why={error === null ? null : reasonNow(error)}
      />
      {error === null
        ? text
        : error.code === 'BLOB_TYPE'
          ? words.photoBroken
          : labelled(text, reasonNow(error))}
    </span>
  )
}

interface PhotoViewProps {
  readonly photo: PhotoRow
  readonly onClose: () => void
  readonly onPrevious: (() => void) | null
  readonly onNext: (() => void) | null
}

const PhotoView = ({ photo, onClose, onPrevious, onNext }: PhotoViewProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const format = useFormat()
  const nameOf = useNameOf()
  const id = localId('photo', photo.id)
  const { url, isMissing } = useShownFile(photo.file)
  return (
    <Modal opened size="xl" onClose={onClose} title={photo.caption ?? words.photo}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: arrows turn pages wherever the focus is; the buttons do too */}
      <div
        className="photo-view"
        onKeyDown={event => {
          if (event.target instanceof HTMLInputElement) return
          if (event.key === 'ArrowLeft') onPrevious?.()
          if (event.key === 'ArrowRight') onNext?.()
        }}
      >
        {url !== undefined ? (
          <img src={url} alt={photo.caption ?? words.photo} />
        ) : (
          <Empty isQuiet title={isMissing ? words.photoMissing : appWords.loading} />
        )}
        <div className="photo-turn">
          <Button
            variant="default"
            disabled={onPrevious === null}
            leftSection={<IconChevronLeft size={16} />}
            onClick={() => onPrevious?.()}
          >
            {words.previous}
          </Button>
          <span className="quiet">
            {photo.takenAt !== null && format.dateTime(photo.takenAt)} ·{' '}
            {nameOf(photo.takenBy ?? photo.createdBy)}
          </span>
          <Button
            variant="default"
            disabled={onNext === null}
            rightSection={<IconChevronRight size={16} />}
            onClick={() => onNext?.()}
          >
            {words.next}
          </Button>
        </div>
        <div className="field-grid">
          <LineField type={Photo} id={id} path="caption" label={words.caption} className="span-all" />
          <LineField type={Photo} id={id} path="place" label={words.place} />
        </div>
      </div>
    </Modal>
  )
}
