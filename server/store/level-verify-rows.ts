import { keyOf, partsOf, unsealHead, unsealRow } from './level-layout.ts'
import { chunks, finding, readMany, type View } from './level-verify-view.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import { orNull } from './sealed.ts'
import type { Finding } from './store.ts'

/** Rows against their records, and the other way round. */
export async function* verifyRows(view: View): AsyncGenerator<Finding> {
  const listed = new Set<string>()
  for await (const chunk of chunks(view, 'r')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const names = chunk.map(([key]) => partsOf(key).join(':'))
    const heads = await readMany(view, names.map(keyOf.head))
    for (const [i, [key, value]] of chunk.entries()) {
      yield* verifyRow(key, value, heads[i])
      listed.add(partsOf(key)[0] ?? '')
    }
  }
  yield* verifyListed(view, listed)
}

/** A live record of a type that has rows is missing from the lists without one. */
async function* verifyListed(view: View, listed: ReadonlySet<string>): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'n')) {
    // What cannot be read of the names is named among the rooms.
    if (!Array.isArray(chunk)) continue
    const names = chunk.map(([key]) => key.slice(1))
    const values = await readMany(view, names.map(keyOf.head))
    const heads = names.flatMap((name, i) => {
      const value = values[i]
      const head = value === undefined ? null : orNull(() => unsealHead(name, value))
      return head?.state === 'live' && listed.has(head.type) ? head : []
    })
    const rowKeys = heads.map(({ room, type }) => keyOf.row(type, room.slice(type.length + 1)))
    const rows = await readMany(view, rowKeys)
    for (const [i, { room }] of heads.entries())
      if (rows[i] === undefined) yield finding('ROW_MISSING', room, `${room} is missing from the lists.`)
  }
}

function* verifyRow(rowKey: string, value: Uint8Array, head: Uint8Array | undefined): Generator<Finding> {
  const name = partsOf(rowKey).join(':')
  if (head === undefined || isPurged(name, head)) {
    yield finding('ROW_WITHOUT_RECORD', name, `${name} is on the lists, but there is no such record.`)
  }
  try {
    unsealRow(rowKey, value)
  } catch (error) {
    yield finding('ROW_DAMAGED', name, `${name}: the row is damaged (${reasonOf(error)}).`)
  }
}

function isPurged(name: string, head: Uint8Array): boolean {
  try {
    return unsealHead(name, head).state === 'purged'
  } catch {
    // Named already, among the rooms.
    return false
  }
}
