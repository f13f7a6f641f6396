import { IconFile, IconPhoto } from '@tabler/icons-react'
import type { BlobRef } from '../../../shared/index.ts'
import { useFormat } from '../format/use-format.ts'
import { StateDot } from '../state/state-dot.tsx'
import { useConstructionWords } from './construction-words.ts'
import { useShownFile } from './use-shown-file.ts'

export const FileLink = ({ file }: { readonly file: BlobRef }) => {
  const words = useConstructionWords()
  const format = useFormat()
  const { url, state, error } = useShownFile(file)
  const Icon = file.type.startsWith('image/') ? IconPhoto : IconFile
  const size = format.bytes(file.bytes)
  return (
    <span className="file-link above-link">
      <Icon size={16} aria-hidden />
      {url === undefined ? (
        <span>{file.name}</span>
      ) : (
        <a href={url} download={file.name} target="_blank" rel="noreferrer">
          {file.name}
        </a>
      )}
      <span className="quiet nowrap">{size}</span>
      {(state === 'queued' || state === 'sending') && <StateDot save="on device" />}
      {state === 'failed' && <StateDot save="refused" why={error?.sentence ?? words.photoFailed} />}
    </span>
  )
}
