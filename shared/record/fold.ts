// Folding: a record that many client ids have written is rewritten under fresh ones, because every update of a
// Yjs doc costs time in proportion to the client ids it has seen. Cells keep path, value, stamp and author;
// what names cells by id (witnesses, tombstones) is mapped. The fold is a new epoch: the old ids are spent.

import * as Y from 'yjs'
import { CELLS, compareCells, type LiveCell, SERVER_AUTHOR } from './cell.ts'
import { CellIndex } from './cell-index.ts'
import { removalConflicts } from './conflicts.ts'
import type { RecordType } from './define-record.ts'
import { readText } from './journal.ts'
import { RECORD_PATH, witnessedPath } from './path.ts'
import { latestPerClient, type Witness } from './policy.ts'
import { isSlot, slotAt } from './slot.ts'
import type { Value } from './value.ts'
import { witnessAt } from './view.ts'

/**
 * Cells of one path from different writers get different ids, or they would look like one writer's history;
 * that takes as many fresh ids as the most contested path has live cells, which is one for most records.
 */
export const fold = (type: RecordType, old: Y.Doc, newClientId: () => number): Y.Doc => {
  const index = new CellIndex(old)
  const folded = new Y.Doc({ gc: true })
  const clientIds: number[] = []
  const clientFor = (layer: number): number => {
    while (clientIds.length <= layer) clientIds.push(newClientId())
    return clientIds[layer] ?? 0
  }
  const unseen = unseenByRemoval(type, index)
  const { cells, shares } = layered(type, index, unseen)
  const newIds = new Map<string, readonly [client: number, clock: number]>()
  const nextClock = new Map<number, number>()
  const put = (layer: number, cell: LiveCell, path: string, value: Value): void => {
    const client = clientFor(layer)
    const clock = nextClock.get(client) ?? 0
    nextClock.set(client, clock + 1)
    newIds.set(idOf(cell), [client, clock])
    pending.push({ client, content: [path, value, cell.stamp, cell.author] })
  }
  let pending: { client: number; content: Value[] }[] = []
  const flush = (): void => {
    for (const client of clientIds) {
      const contents = pending.filter(one => one.client === client).map(({ content }) => content)
      if (contents.length === 0) continue
      folded.clientID = client
      folded.getArray(CELLS).push(contents)
    }
    pending = []
  }
  const texts = Object.keys(type.fields).filter(
    name => type.fields[name]?.kind === 'text' && old.getText(name).length > 0,
  )
  const writeTexts = (names: readonly string[]): void => {
    flush()
    for (const name of names) {
      folded.clientID = clientFor(0)
      folded.getText(name).applyDelta(readText(old, name) as unknown[])
      nextClock.set(clientFor(0), Y.getState(folded.store, clientFor(0)))
    }
  }

  // What the record's tombstone has seen comes first, so that a state vector can name it again.
  for (const { cell, layer } of cells)
    if (!unseen.cells.has(idOf(cell))) put(layer, cell, cell.path, cell.value)
  for (const share of shares) {
    const path = `${share.prefix}/${clientFor(0)}`
    put(0, share.cell, path, share.sum)
  }
  writeTexts(texts.filter(name => !unseen.texts.has(name)))
  const seen = Object.fromEntries([...nextClock].map(([client, clock]) => [String(client), clock]))
  index
    .at(RECORD_PATH)
    .forEach((cell, layer) => put(layer, cell, RECORD_PATH, cell.value === null ? null : { seen }))
  for (const { cell, layer } of cells)
    if (unseen.cells.has(idOf(cell))) put(layer, cell, cell.path, cell.value)
  writeTexts(texts.filter(name => unseen.texts.has(name)))

  for (const { path, cell } of witnesses(index))
    put(0, cell, path, mappedWitness(witnessAt(index, witnessedPath(path) ?? ''), newIds))
  for (const cell of entryTombstones(type, index)) put(0, cell, cell.path, mappedRemoval(index, cell, newIds))
  flush()
  folded.clientID = clientFor(0)
  return folded
}

const layered = (
  type: RecordType,
  index: CellIndex,
  unseen: Unseen,
): {
  cells: { cell: LiveCell; layer: number }[]
  shares: { prefix: string; sum: number; cell: LiveCell }[]
} => {
  const cells: { cell: LiveCell; layer: number }[] = []
  const shares = new Map<string, { prefix: string; sum: number; cell: LiveCell }>()
  for (const path of index.paths()) {
    if (path === RECORD_PATH || witnessedPath(path) !== null) continue
    const slot = slotAt(type, path)
    if (isSlot(slot) && slot.kind === 'entryRemoved') continue
    const live = latestPerClient(index.at(path)).toSorted(compareCells)
    const last = live.at(-1)
    if (isSlot(slot) && slot.kind === 'share' && last !== undefined && !unseen.cells.has(idOf(last))) {
      const prefix = path.slice(0, path.lastIndexOf('/'))
      const known = shares.get(prefix)
      const cell = known === undefined || last.stamp > known.cell.stamp ? last : known.cell
      shares.set(prefix, {
        prefix,
        sum: (known?.sum ?? 0) + Number(last.value),
        cell: { ...cell, author: SERVER_AUTHOR },
      })
    } else {
      live.forEach((cell, layer) => cells.push({ cell, layer }))
    }
  }
  return { cells, shares: [...shares.values()] }
}

interface Unseen {
  readonly cells: ReadonlySet<string>
  readonly texts: ReadonlySet<string>
}

const unseenByRemoval = (type: RecordType, index: CellIndex): Unseen => {
  const record = removalConflicts(type, index).find(({ path }) => path === RECORD_PATH)
  return { cells: new Set(record?.edits.map(idOf)), texts: new Set(record?.texts) }
}

const idOf = ({ client, clock }: LiveCell): string => `${client}.${clock}`

const witnesses = (index: CellIndex): { path: string; cell: LiveCell }[] =>
  [...index.paths()]
    .filter(path => witnessedPath(path) !== null)
    .flatMap(path =>
      index
        .at(path)
        .slice(-1)
        .map(cell => ({ path, cell })),
    )

const mappedWitness = (witness: Witness, newIds: ReadonlyMap<string, readonly [number, number]>): Value =>
  witness.flatMap(([client, clock, ordinal]): Value[] => {
    const id = newIds.get(`${client}.${clock}`)
    return id === undefined ? [] : [[...id, ordinal]]
  })

const entryTombstones = (type: RecordType, index: CellIndex): LiveCell[] =>
  [...index.paths()].flatMap(path => {
    const slot = slotAt(type, path)
    return isSlot(slot) && slot.kind === 'entryRemoved'
      ? [...latestPerClient(index.at(path))].toSorted(compareCells).slice(-1)
      : []
  })

/** Concurrent removals become one that has seen what any of them saw. */
const mappedRemoval = (
  index: CellIndex,
  cell: LiveCell,
  newIds: ReadonlyMap<string, readonly [number, number]>,
): Value => {
  if (cell.value === null) return null
  const seen = new Set<string>()
  for (const { value } of index.at(cell.path)) {
    for (const name of (value as { readonly seen?: readonly (readonly Value[])[] } | null)?.seen ?? [])
      seen.add(name.join('.'))
  }
  const beneath = [...index.cells()].filter(one => one.path.startsWith(`${cell.path}/`))
  return {
    seen: beneath
      .filter(one => seen.has(`${one.stamp}.${one.client}.${one.author}`))
      .flatMap((one): Value[] => {
        const id = newIds.get(idOf(one))
        return id === undefined ? [] : [[one.stamp, id[0], one.author]]
      }),
  }
}
