import * as Y from 'yjs'
import type { LiveCell } from '../../shared/record/cell.ts'
import { stampToMs } from '../../shared/record/clock.ts'
import type { RecordType } from '../../shared/record/record-type.ts'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { openRecord } from '../../shared/record/open-record.ts'
import type { Head, Store } from '../store/store.ts'
import { storedDoc } from '../room/stored-doc.ts'

/** One room as an operator sees it: what stands in it, who wrote it, what is contested, how large it is. */
export interface Inspection {
  readonly head: Head
  /** Of a type that is not known, the fields cannot be told. */
  readonly isTypeKnown: boolean
  readonly sizes: {
    readonly snapshotBytes: number
    readonly logEntries: number
    readonly logBytes: number
    readonly stateBytes: number
    readonly liveCells: number
    readonly clientIds: number
  }
  readonly people: readonly { readonly id: string; readonly clientIds: number; readonly cells: number }[]
  readonly fields: readonly InspectedField[]
  readonly texts: readonly { readonly field: string; readonly characters: number; readonly begins: string }[]
  readonly earlierEpochs: readonly {
    readonly epoch: string
    readonly ended: string
    readonly commit: number
  }[]
}

export interface InspectedField {
  readonly path: string
  /** The value, and after it what lost the merge and is kept. */
  readonly values: readonly { readonly value: unknown; readonly by: string; readonly at: number }[]
  readonly isContested: boolean
}

const excerptLength = 80

export async function inspectRoom(
  store: Pick<Store, 'loadRoom'>,
  typesByName: ReadonlyMap<string, RecordType>,
  room: string,
): Promise<Inspection | null> {
  const stored = await store.loadRoom(room)
  if (stored === null) return null
  const doc = storedDoc(stored)
  const { head, owners, earlierEpochs } = stored
  const cells = liveCells(doc, typesByName.get(head.type), room)
  const clientIds = Y.decodeStateVector(Y.encodeStateVector(doc)).size
  return {
    head,
    isTypeKnown: typesByName.has(head.type),
    sizes: {
      snapshotBytes: head.snapshotBytes,
      logEntries: head.logEntries,
      logBytes: head.logBytes,
      stateBytes: Y.encodeStateAsUpdate(doc).byteLength,
      liveCells: cells.all.length,
      clientIds,
    },
    people: peopleOf(owners, cells.all),
    fields: cells.fields,
    texts: textsOf(doc),
    earlierEpochs: earlierEpochs.map(({ epoch, ended, commit }) => ({ epoch, ended, commit })),
  }
}

interface FoundCells {
  readonly all: readonly LiveCell[]
  readonly fields: readonly InspectedField[]
}

function liveCells(doc: Y.Doc, type: RecordType | undefined, room: string): FoundCells {
  // A free room has no cells, and a type this server does not know cannot say which value counts.
  if (type === undefined) return { all: [], fields: [] }
  const record = openRecord(type, doc, { author: '$inspect', id: parseRoomName(room)?.id ?? room })
  const all = [...record.index.cells()]
  const contested = new Set(record.conflicts.map(conflict => conflict.path))
  const paths = [...new Set(all.map(cell => cell.path))].sort()
  const fields = paths.map(path => ({
    path,
    isContested: contested.has(path),
    values: [...record.index.at(path)]
      .sort((a, b) => b.stamp - a.stamp)
      .map(cell => ({ value: cell.value, by: cell.author, at: stampToMs(cell.stamp) })),
  }))
  record.close()
  return { all, fields }
}

function peopleOf(owners: ReadonlyMap<number, string>, cells: readonly LiveCell[]): Inspection['people'] {
  const people = new Map<string, { clientIds: number; cells: number }>()
  const personOf = (id: string) => {
    const known = people.get(id) ?? { clientIds: 0, cells: 0 }
    people.set(id, known)
    return known
  }
  for (const id of owners.values()) personOf(id).clientIds++
  for (const cell of cells) personOf(cell.author).cells++
  return [...people].map(([id, counts]) => ({ id, ...counts })).sort((a, b) => b.cells - a.cells)
}

/** Whatever the doc holds as text under its roots: their kinds are not known until somebody names them. */
function textsOf(doc: Y.Doc): Inspection['texts'] {
  return [...doc.share.keys()]
    .filter(name => holdsText(doc, name))
    .map(field => {
      const text = doc.getText(field).toString()
      return { field, characters: text.length, begins: text.slice(0, excerptLength) }
    })
    .filter(text => text.characters > 0)
}

function holdsText(doc: Y.Doc, name: string): boolean {
  for (let item = doc.share.get(name)?._start ?? null; item !== null; item = item.right) {
    if (item.content instanceof Y.ContentString) return true
  }
  return false
}
