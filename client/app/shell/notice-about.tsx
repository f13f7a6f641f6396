import { localId, type RecordType } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { RecordTitle, useTypeOf } from '../state/record-title.tsx'

/** What these say is about a record that they are part of: a shipment’s ticket, a statement’s project. */
const wholes: { readonly [type: string]: string } = { shipment: 'ticket', decompt: 'project' }

/** Which ticket, which project: where the sentence of a notice does not say it. */
export const NoticeAbout = ({ room }: { readonly room: string }) => {
  const type = useTypeOf(room)
  const field = wholes[type?.name ?? '']
  return field === undefined || type === undefined ? null : <Whole type={type} room={room} field={field} />
}

interface WholeProps {
  readonly type: RecordType
  readonly room: string
  readonly field: string
}

const Whole = ({ type, room, field }: WholeProps) => {
  const whole = useRecord(
    type,
    localId(type.name, room),
    // A view of any type is read by name here.
    view => (view as { readonly [field: string]: unknown })[field],
    { unseen: true },
  )
  return typeof whole !== 'string' ? null : (
    <span className="inbox-about">
      <RecordTitle room={whole} />
    </span>
  )
}
