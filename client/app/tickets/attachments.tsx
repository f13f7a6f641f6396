import { Button, FileButton } from '@mantine/core'
import { IconCamera, IconFile } from '@tabler/icons-react'
import { type BlobRef, Ticket } from '../../../shared/index.ts'
import { useDesk, useFile, useRecord } from '../../react/index.ts'
import { useGivenFiles } from '../record-page/given-files.ts'
import { sayTrouble, tryTo } from '../record-page/say-trouble.ts'
import { useMayWrite } from '../record-page/use-may-write.ts'
import { Empty } from '../state/empty.tsx'
import { StateDot } from '../state/state-dot.tsx'
import { reasonNow } from '../words/type-words.ts'
import { useTicketWords } from './ticket-words.ts'

/** Photos and files; what is taken off line is shown from the device until it is sent. */
export const Attachments = ({ id }: { readonly id: string }) => {
  const words = useTicketWords()
  const desk = useDesk()
  const { record } = useRecord(Ticket, id)
  const mayWrite = useMayWrite(Ticket, id, 'attachments')
  const attachments = useRecord(Ticket, id, view => view.attachments) ?? []
  const add = async (files: readonly File[]): Promise<void> => {
    for (const file of files) {
      try {
        const field = { type: Ticket, path: 'attachments/new/file' }
        const kept = await desk.files.keep(file, file.name, field)
        tryTo(() => record?.list('attachments').add({ file: kept }))
      } catch (error) {
        sayTrouble(error)
      }
    }
  }
  useGivenFiles(mayWrite ? files => void add(files) : null)
  return (
    <section className="card card-body record-stack" aria-label={words.attachments}>
      <h2 className="card-title">{words.attachments}</h2>
      {attachments.length === 0 ? (
        <Empty isQuiet title={words.attachmentsEmpty} />
      ) : (
        <ul className="thumbs">
          {attachments.map(({ id: entry, file, caption }) =>
            file === null ? null : (
              <li key={entry}>
                <Thumb file={file} caption={caption} />
              </li>
            ),
          )}
        </ul>
      )}
      {mayWrite && (
        <FileButton multiple accept="image/*,application/pdf" onChange={files => void add(files)}>
          {props => (
            <Button
              {...props}
              className="attach-button"
              variant="light"
              size="sm"
              leftSection={<IconCamera size={16} />}
            >
              {words.attach}
            </Button>
          )}
        </FileButton>
      )}
    </section>
  )
}

const Thumb = ({ file, caption }: { readonly file: BlobRef; readonly caption: string | null }) => {
  const { url, state, error } = useFile(file, 'thumb')
  const full = useFile(file)
  const name = caption ?? file.name
  return (
    <a className="thumb" href={full.url} target="_blank" rel="noreferrer">
      {url !== undefined && file.type.startsWith('image/') ? (
        <img src={url} alt={name} />
      ) : (
        <IconFile size={40} aria-hidden />
      )}
      <span>
        {name} {(state === 'queued' || state === 'sending') && <StateDot save="on device" />}
        {state === 'failed' && <StateDot save="refused" why={error === null ? null : reasonNow(error)} />}
      </span>
    </a>
  )
}
