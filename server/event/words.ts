// An event in the words of clients that know no CRDT.

import type { Message, Signal } from '../../shared/record/record-type.ts'
import { localId } from '../../shared/record/room-name.ts'
import { legacyMessage } from '../../shared/types/point-of-sale.ts'
import type { EventBody } from './event.ts'

export const defaultMessages = (type: string, id: string, signal: Signal): readonly Message[] => [
  {
    type: signal.type,
    action: signal.action,
    id: localId(type, id),
    ...(signal.data === undefined ? {} : { data: signal.data }),
  },
]

export const messagesOfEvent = ({ type, record, signals, messages }: EventBody): Message[] =>
  messages?.flat() ?? signals.flatMap(signal => defaultMessages(type, localId(type, record), signal))

/** Plain strings; once each, for they say nothing but that something changed. */
export const legacyWords = ({ signals }: EventBody): readonly string[] => [
  ...new Set(signals.map(legacyMessage)),
]
