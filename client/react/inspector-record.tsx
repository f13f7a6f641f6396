// Of the inspector: one record, cell by cell.

import type { ReactElement } from 'react'
import { stampToMs } from '../../shared/record/clock.ts'
import type { LiveCell } from '../../shared/record/cell.ts'
import { fieldConflicts, removalConflicts } from '../../shared/record/conflicts.ts'
import type { RecordOnDesk } from '../record/record-on-desk.ts'
import type { Replica } from '../record/replica.ts'
import { useTray } from './use-sync.ts'

const COLUMNS = ['path', 'value', 'by', 'at', 'client', 'state'] as const

export const RecordCells = ({ record }: { readonly record: RecordOnDesk }): ReactElement => {
  const { items } = useTray()
  const { replica, type } = record
  const cells = replica === null ? [] : [...replica.record.index.cells()]
  cells.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : a.stamp - b.stamp))
  const contested = replica === null ? new Map<string, string>() : contestedIn(replica)
  const texts = Object.keys(type.fields).filter(name => type.fields[name]?.kind === 'text')
  return (
    <>
      <p style={{ margin: '8px 0 4px' }}>
        epoch {replica?.head.epoch || '–'}, generation {record.generation}, commit {replica?.head.commit ?? 0}
        , client id {replica?.doc.clientID ?? '–'}
      </p>
      <table style={{ borderSpacing: '8px 1px', marginLeft: -8 }}>
        <thead>
          <tr>
            {COLUMNS.map(name => (
              <th key={name} scope="col" style={{ textAlign: 'left' }}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {cells.map(cell => (
            <tr key={idOf(cell)} style={{ verticalAlign: 'top' }}>
              <td>{cell.path || '(record)'}</td>
              <td style={VALUE}>{JSON.stringify(cell.value)}</td>
              <td>{cell.author}</td>
              <td>{new Date(stampToMs(cell.stamp)).toISOString()}</td>
              <td>{cell.client}</td>
              <td>
                {replica === null ? '' : stateOf(replica, cell)}
                {contested.get(idOf(cell)) ?? ''}
              </td>
            </tr>
          ))}
          {texts.map(name => (
            <tr key={`text ${name}`} style={{ verticalAlign: 'top' }}>
              <td>{name}</td>
              <td style={VALUE}>{replica?.doc.getText(name).length ?? 0} characters of text</td>
              <td colSpan={3} />
              <td>{replica?.ledger.stateOf(name)}</td>
            </tr>
          ))}
          {(items ?? [])
            .filter(({ room }) => room === record.room)
            .map(({ id, path, text, at, sentence }) => (
              <tr key={id} style={{ verticalAlign: 'top' }}>
                <td>{path || '(record)'}</td>
                <td style={VALUE}>{text}</td>
                <td>(here)</td>
                <td>{new Date(at).toISOString()}</td>
                <td />
                <td>refused: {sentence}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </>
  )
}

const VALUE = { maxWidth: 220, overflowWrap: 'anywhere' } as const

const idOf = ({ client, clock }: Pick<LiveCell, 'client' | 'clock'>): string => `${client}.${clock}`

/** Of cells that are in conflict, what about them. */
const contestedIn = ({ record: { type, index } }: Replica): ReadonlyMap<string, string> => {
  const words = new Map<string, string>()
  for (const { resolution, losers } of fieldConflicts(type, index)) {
    if (resolution.winner !== null) words.set(idOf(resolution.winner), ', won a conflict')
    for (const cell of losers) words.set(idOf(cell), ', lost and kept')
  }
  for (const { edits } of removalConflicts(type, index))
    for (const cell of edits) words.set(idOf(cell), ', edited while removed')
  return words
}

/** What others wrote came from the server, or waits in the tab that wrote it. */
const stateOf = ({ doc, ledger, ownClients }: Replica, { client, clock, path }: LiveCell): string => {
  if (client === doc.clientID) return ledger.stateOfOwn(path, clock)
  return ownClients.includes(client) ? ledger.stateOf(path) : 'saved'
}
