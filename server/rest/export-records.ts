import type { RecordType } from '../../shared/record/record-type.ts'
import type { Field } from '../../shared/record/field.ts'
import { CellIndex } from '../../shared/record/cell-index.ts'
import type { Row } from '../../shared/record/filter.ts'
import { buildView } from '../../shared/record/view.ts'
import type { Principal } from '../access/principal.ts'
import { senderOf } from '../room/judging.ts'
import { mayRead } from '../room/room-access.ts'
import { leftOut } from '../operate/export-rooms.ts'
import { storedDoc } from '../room/stored-doc.ts'
import { rowsOf } from '../store/rows-of.ts'
import { isStoreError } from '../store/store-error.ts'
import type { Store } from '../store/store.ts'
import { csvLine } from './csv.ts'
import { type ShownRecord, showRecord } from './shown-record.ts'

export interface ExportParts {
  readonly store: Pick<Store, 'readRows' | 'readRow' | 'loadRoom'>
  readonly now: () => number
}

export interface ExportAsk {
  readonly type: RecordType
  readonly principal: Principal
  readonly format: 'jsonl' | 'csv'
  readonly wants: (row: Row) => boolean
  /** Given: nothing more is read. */
  readonly signal: AbortSignal
}

/**
 * All records of a type that a person may read, as they are stored, in the order of their ids: read from the store
 * page by page, and past the rooms, so that a large export keeps nobody's record out of memory.
 */
export async function* exportRecords(parts: ExportParts, ask: ExportAsk): AsyncGenerator<string> {
  const { type, format } = ask
  const damaged: string[] = []
  if (format === 'csv') yield `\uFEFF${csvLine(columnsOf(type))}`
  for await (const shown of allShown(parts, ask, room => damaged.push(room)))
    yield format === 'csv' ? csvLine(cellsOf(type, shown)) : `${JSON.stringify(shown)}\n`
  // Cut short rather than ended: nobody shall take it for the whole.
  if (damaged.length > 0) throw leftOut(damaged)
}

async function* allShown(
  { store, now }: ExportParts,
  ask: ExportAsk,
  onDamaged: (room: string) => void,
): AsyncGenerator<ShownRecord> {
  const { type, principal, wants, signal } = ask
  const sender = senderOf(principal)
  const isGiven = (id: string, json: string): boolean => {
    // Written by the publisher, under the store's checksum.
    const row = JSON.parse(json) as Row
    return mayRead(type, id, () => row, sender) && wants(row)
  }
  for await (const { id, json } of rowsOf(store, type.name)) {
    if (!isGiven(id, json)) continue
    try {
      const shown = await showStored(store, type, id, now())
      // Whoever takes their time over a page may have lost sight of what stands at its end.
      const standing = shown === null ? null : await store.readRow(type.name, id)
      signal.throwIfAborted()
      if (shown !== null && standing !== null && isGiven(id, standing)) yield shown
    } catch (error) {
      if (!isStoreError(error, 'STORE_DAMAGED')) throw error
      onDamaged(`${type.name}:${id}`)
    }
  }
}

async function showStored(
  store: ExportParts['store'],
  type: RecordType,
  id: string,
  now: number,
): Promise<ShownRecord | null> {
  const stored = await store.loadRoom(`${type.name}:${id}`)
  if (stored === null || stored.head.state !== 'live') return null
  const { head } = stored
  const doc = storedDoc(stored)
  try {
    const index = new CellIndex(doc)
    const { epoch, commit, updatedAt, updatedBy } = head
    const view = buildView(type, id, index, now)
    return showRecord({ type, id, epoch, commit, view, index, updatedAt, updatedBy, now })
  } finally {
    doc.destroy()
  }
}

/** What an import reads again, and then what it does not. */
export function columnsOf(type: RecordType): string[] {
  return ['id', ...Object.keys(type.fields), 'created', 'createdBy', 'updated', 'updatedBy']
}

function cellsOf(type: RecordType, { record, id, ...shown }: ShownRecord): string[] {
  return [
    id,
    ...Object.entries(type.fields).map(([name, field]) => cellText(field, record[name])),
    shown.created ?? '',
    shown.createdBy,
    shown.updated ?? '',
    shown.updatedBy,
  ]
}

/** Texts and numbers as they are; what has parts as JSON. */
function cellText(field: Field, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (field.kind === 'set' || field.kind === 'list' || field.kind === 'log')
    return Array.isArray(value) && value.length === 0 ? '' : JSON.stringify(value)
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
