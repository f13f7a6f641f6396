import { keyOf, partsOf, unsealHead, unsealRow } from './level-layout.ts'
import { chunks, finding, has, readMany, type View } from './level-verify-view.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import type { Finding } from './store.ts'

/** Rows against their records and index entries. */
export async function* verifyRows(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'r')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const names = chunk.map(([key]) => partsOf(key).join(':'))
    const heads = await readMany(view, names.map(keyOf.head))
    for (const [i, [key, value]] of chunk.entries()) {
      yield* verifyRow(view, key, value, heads[i])
    }
  }
}

async function* verifyRow(
  view: View,
  rowKey: string,
  value: Uint8Array,
  head: Uint8Array | undefined,
): AsyncGenerator<Finding> {
  const [type = '', id = ''] = partsOf(rowKey)
  const name = `${type}:${id}`
  if (head === undefined || isPurged(name, head)) {
    yield finding('ROW_WITHOUT_RECORD', name, `${name} is on the lists, but there is no such record.`)
  }
  try {
    for (const key of unsealRow(rowKey, value).keys) {
      if (await has(view, keyOf.index(type, id, key))) continue
      yield finding('ROW_WITHOUT_INDEX', name, `${name} is missing from the index ${key.index}.`)
    }
  } catch (error) {
    if (view.db.status !== 'open') throw error
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

/** Index entries against their rows. */
export async function* verifyIndexes(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'i')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const entries = chunk.map(([key]) => partsOf(key))
    const rowKeys = entries.map(([type = '', , , id = '']) => keyOf.row(type, id))
    const rows = await readMany(view, rowKeys)
    for (const [i, [type, index = '', key = '', id]] of entries.entries()) {
      if (isInRow(rowKeys[i] ?? '', rows[i], index, key)) continue
      const name = `${type}:${id}`
      yield finding(
        'INDEX_WITHOUT_ROW',
        name,
        `${name} is in the index ${index} with a key that its row has not.`,
      )
    }
  }
}

function isInRow(rowKey: string, row: Uint8Array | undefined, index: string, key: string): boolean {
  if (row === undefined) return false
  try {
    return unsealRow(rowKey, row).keys.some(entry => entry.index === index && entry.key === key)
  } catch {
    // Named already, among the rows.
    return true
  }
}
