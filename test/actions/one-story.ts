// Whether documents, rows, events, answers and numbers in a store tell the same story.

import * as Y from 'yjs'
import type { Store } from '../../server/store/store.ts'
import { replay } from '../store/fold-room.ts'
import { CellIndex } from '../../shared/record/cell-index.ts'
import { demoRecords } from '../../shared/index.ts'
import type { AnyView } from '../../shared/record/record-type.ts'
import { ACTIONS } from '../../shared/record/path.ts'
import { buildView, lastOf } from '../../shared/record/view.ts'
import type { EventBody } from '../../server/event/event.ts'
import { deltasByAuthor } from '../../server/event/text-ops.ts'
import { TEXTS_SPACE } from '../../server/event/text-pauses.ts'
import type { TextOp } from '../../server/room/turn.ts'

export interface Told {
  /** What does not fit; none is what is hoped for. */
  readonly contradictions: readonly string[]
  /** By room, as they are stored. */
  readonly records: ReadonlyMap<string, { readonly view: AnyView; readonly requests: number }>
  readonly events: readonly EventBody[]
}

export const compareStories = async (store: Store): Promise<Told> => {
  const contradictions: string[] = []
  const events: EventBody[] = []
  const records = new Map<string, { readonly view: AnyView; readonly requests: number }>()
  for await (const { code, name, sentence } of store.verify({ events: true }))
    contradictions.push(`${name}: ${code} ${sentence}`)
  const { heads } = await store.readHeads({ limit: 10_000 })
  for (const head of heads) {
    const stored = await store.loadRoom(head.room)
    const type = demoRecords.find(({ name }) => name === head.type)
    if (stored === null || type === undefined) continue
    const doc = await replay(stored, new Y.Doc())
    const index = new CellIndex(doc)
    const id = head.room.slice(head.room.indexOf(':') + 1)
    const view = buildView(type, id, index, Date.now())
    records.set(head.room, { view, requests: [...index.keys(ACTIONS)].length })
    const row: unknown = JSON.parse((await store.readRow(type.name, id)) ?? 'null')
    const expected = JSON.parse(JSON.stringify(type.row(view))) as Record<string, unknown>
    for (const [field, value] of Object.entries(expected)) {
      const inRow = (row as Record<string, unknown> | null)?.[field]
      if (JSON.stringify(inRow) !== JSON.stringify(value))
        contradictions.push(
          `${head.room}: the row has ${field} ${JSON.stringify(inRow)}, the record ${JSON.stringify(value)}`,
        )
    }
    const record = await store.readRecordEvents(head.room, { limit: 100_000 })
    const bodies = record.events.map(({ json }) => JSON.parse(json) as EventBody)
    events.push(...bodies)
    contradictions.push(...(await contradictionsOf(store, head.room, index, bodies)))
    const told = await toldTexts(store, head.room, bodies)
    for (const [field, { kind }] of Object.entries(type.fields)) {
      const text = told.getText(field).toString()
      if (kind === 'text' && text !== index.text(field))
        contradictions.push(`${head.room}: ${field} reads «${index.text(field)}», and was told as «${text}»`)
    }
    doc.destroy()
  }
  return { contradictions, records, events }
}

const contradictionsOf = async (
  store: Store,
  room: string,
  index: CellIndex,
  events: readonly EventBody[],
): Promise<string[]> => {
  const found: string[] = []
  const values = new Map<string, unknown>()
  for (const { changes } of events) for (const { path, to, lost } of changes) if (!lost) values.set(path, to)
  for (const path of index.paths()) {
    if (path.startsWith('$w/')) continue
    const live = index.at(path).map(({ value }) => JSON.stringify(value))
    const told = JSON.stringify(values.get(path))
    if (!live.includes(told)) found.push(`${room}: ${path} is ${live}, and was told as ${told}`)
    if (path.startsWith('$actions/')) {
      const id = path.slice('$actions/'.length)
      const isAnswered = index.at(`$results/${id}`).length > 0
      const isPending = (await store.readValue('actions', `${room}/${id}`)) !== null
      if (isAnswered === isPending)
        found.push(
          `${room}: ${id} is ${isAnswered ? '' : 'not '}answered and ${isPending ? '' : 'not '}pending`,
        )
    }
  }
  for (const path of values.keys()) {
    const [, id] = /^\$(?:actions|results)\/(.+)$/.exec(path) ?? []
    const isThere = lastOf(index.at(path)) !== null
    // What was decided long ago goes, and only that it was is kept: in the same commit.
    const spent = id === undefined ? null : await store.readValue('actions-spent', `${room}/${id}`)
    const wasAnswered = values.has(`$results/${id}`)
    if (isThere === (spent !== null))
      found.push(`${room}: ${path} was told and is ${isThere ? 'spent' : 'gone'}`)
    if (spent !== null && !wasAnswered) found.push(`${room}: ${path} is spent and was never answered`)
  }
  return found
}

/** The texts as their deltas make them, what waits for its pause included. */
const toldTexts = async (store: Store, room: string, events: readonly EventBody[]): Promise<Y.Doc> => {
  const doc = new Y.Doc()
  for (const { texts = [] } of events)
    for (const { field, delta } of texts) doc.getText(field).applyDelta([...delta])
  const waiting = JSON.parse((await store.readValue(TEXTS_SPACE, room)) ?? '{"fields":{}}') as {
    fields: Record<string, TextOp[]>
  }
  for (const [field, ops] of Object.entries(waiting.fields))
    for (const { delta } of deltasByAuthor(ops)) doc.getText(field).applyDelta(delta)
  return doc
}
