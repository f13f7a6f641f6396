// What a frame shows of its records, told to the lab's page whenever it changes.

import { useEffect } from 'react'
import { LabEstimate, LabTicket, LabTrebovanje, type RecordType } from '../../../shared/index.ts'
import type { Desk, LiveRecord } from '../../index.ts'
import { useDesk } from '../../react/index.ts'
import { network } from './frame-start.ts'
import {
  type FieldFacts,
  type FrameFacts,
  type FrameName,
  type LabKind,
  labKinds,
  type RecordFacts,
  tellLab,
} from './frames.ts'

export const labTypes: { readonly [K in LabKind]: RecordType } = {
  ticket: LabTicket,
  estimate: LabEstimate,
  trebovanje: LabTrebovanje,
}

/** What the lab’s page follows; whatever else a record holds is shown in the frames. */
export const followed: { readonly [K in LabKind]: readonly string[] } = {
  ticket: ['title', 'priority', 'quote', 'claimedBy', 'status'],
  estimate: ['customer'],
  trebovanje: [],
}

export const useFrameFacts = (frame: FrameName, id: string): void => {
  const desk = useDesk()
  useEffect(() => {
    const records = labKinds.map(kind => ({
      kind,
      record: desk.open(labTypes[kind], id) as unknown as LiveRecord,
    }))
    let isAsked = false
    const tell = (): void => {
      if (isAsked) return
      isAsked = true
      // Once for all that happens in one turn.
      setTimeout(() => {
        isAsked = false
        tellLab({ lab: 'facts', frame, facts: factsOf(desk, records) })
      }, 20)
    }
    const stops = [
      desk.subscribe(tell),
      desk.tray.subscribe(tell),
      ...records.map(({ record }) => record.subscribe('', tell)),
    ]
    tell()
    return () => {
      for (const stop of stops) stop()
      for (const { record } of records) record.close()
    }
  }, [desk, frame, id])
}

const factsOf = (
  desk: Desk,
  records: readonly { readonly kind: LabKind; readonly record: LiveRecord }[],
): FrameFacts => ({
  person: desk.me?.id ?? '',
  isOnline: desk.status.carrier !== null,
  pending: desk.status.pending,
  skewMs: network.conditions.skewMs,
  refused: (desk.tray.items ?? []).map(({ id, path, sentence }) => ({ id, path, sentence })),
  records: Object.fromEntries(
    records.flatMap(({ kind, record }) =>
      record.state === 'ready' ? [[kind, recordFacts(kind, record, desk.me?.id ?? '')]] : [],
    ),
  ),
})

const recordFacts = (kind: LabKind, record: LiveRecord, me: string): RecordFacts => {
  // The lab knows its three types; a view is read by name here, for any of them.
  const view = (record.view ?? {}) as { readonly [field: string]: unknown }
  const { scans, orderNumber, removed } = view
  // What others asked for is theirs to tell.
  const isMine = (id: string): boolean => record.field(`$actions/${id}`).by === me
  const converting = record.actions.findLast(({ id, name }) => name === 'convert' && isMine(id))
  return {
    removed: removed === true,
    removedBy: removed === true ? (record.field('').by ?? '') : '',
    editedWhileRemoved: record.conflicts.some(conflict => conflict.kind === 'edited while removed'),
    fields: Object.fromEntries(followed[kind].map(path => [path, fieldFacts(record, path)])),
    scans: Array.isArray(scans) ? scans.length : 0,
    orderNumber: typeof orderNumber === 'string' ? orderNumber : null,
    converting: converting?.state ?? 'idle',
  }
}

const fieldFacts = (record: LiveRecord, path: string): FieldFacts => {
  const { value, by, at, tentative, conflict } = record.field(path)
  return {
    value,
    by,
    at,
    tentative,
    conflict: conflict.map(other => ({ value: other.value, by: other.by })),
  }
}
