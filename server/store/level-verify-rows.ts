import { keyOf, partsOf, unsealHead, unsealRow } from './level-layout.ts'
import { chunks, finding, readMany, type View } from './level-verify-view.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import type { Finding } from './store.ts'

/** Rows against their records. */
export async function* verifyRows(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'r')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const names = chunk.map(([key]) => partsOf(key).join(':'))
    const heads = await readMany(view, names.map(keyOf.head))
    for (const [i, [key, value]] of chunk.entries()) {
      yield* verifyRow(key, value, heads[i])
    }
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
