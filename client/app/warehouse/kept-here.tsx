import { IconCloudCheck, IconCloudDownload } from '@tabler/icons-react'
import { Trebovanje } from '../../../shared/index.ts'
import type { ListQuery } from '../../index.ts'
import { useKeepOffline } from '../../react/index.ts'
import { useFormat } from '../format/use-format.ts'
import { useWarehouseWords } from './warehouse-words.ts'

/** Brings what one works on to this device, keeps it fresh, and says whether one may walk away from the antenna. */
export const KeptHere = ({ query }: { readonly query: ListQuery }) => {
  const words = useWarehouseWords()
  const format = useFormat()
  const { have, of } = useKeepOffline(Trebovanje, query)
  if (of === undefined || of === 0) return null
  const isWhole = have === of
  return (
    <span
      className="kept-here quiet"
      role="status"
      data-testid="kept-here"
      data-whole={isWhole ? '' : undefined}
    >
      {isWhole ? <IconCloudCheck size={16} aria-hidden /> : <IconCloudDownload size={16} aria-hidden />}
      {isWhole ? words.kept : words.keeping(format.number(have), format.number(of))}
    </span>
  )
}
