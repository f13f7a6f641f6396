import type { RecordType } from '../../../shared/index.ts'
import { useConstructionWords } from '../construction/construction-words.ts'
import { useFormat } from '../format/use-format.ts'
import { type ShowValue, specAt } from '../record-page/readable-changes.ts'
import { useClockTime } from '../scheduling/clock-time.ts'
import { useFieldServiceWords } from '../tickets/field-service-words.ts'
import { useTicketWords } from '../tickets/ticket-words.ts'
import { useWarehouseWords } from '../warehouse/warehouse-words.ts'

/** A value of a record of any workspace as the record's own page has it, where its type does not say how. */
export const usePageValue = (type: RecordType): ShowValue => {
  const words = useWordsOf(type.name)
  const format = useFormat()
  const time = useClockTime()
  return (path, value) => {
    const part = path.split('/').at(-1) ?? ''
    const kind = specAt(type.fields, path)?.type
    if (kind === 'oneOf') return [`${part}_${value}`, String(value)].map(name => words[name]).find(isText)
    if (typeof value !== 'number') return undefined
    if (type.name === 'availability' && (part === 'from' || part === 'to')) return time(value)
    // Each project has a currency of its own, which is not known here.
    return kind === 'money' && isOfProject(type) ? format.number(value / 100) : undefined
  }
}

const useWordsOf = (name: string): { readonly [word: string]: unknown } => {
  const ticket = useTicketWords()
  const shipment = useFieldServiceWords()
  const trebovanje = useWarehouseWords()
  const construction = useConstructionWords()
  const others = {
    ticket: { ...ticket, kind_in: ticket.checkIn, kind_out: ticket.checkOut },
    shipment,
    trebovanje,
  }
  return { ...(name in others ? others[name as keyof typeof others] : construction) }
}

const isOfProject = (type: RecordType): boolean => type.belongsTo === 'project'

const isText = (word: unknown): word is string => typeof word === 'string'
