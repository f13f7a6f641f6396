import { nextHash, tipOf } from './event-chain.ts'
import { readFolded } from './level-event-reads.ts'
import { keyOf, parseOrdered, partsOf, unsealEvent, unsealHead } from './level-layout.ts'
import { chunks, finding, readMany, readOne, type View } from './level-verify-view.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import { unsealText } from './sealed.ts'
import type { Finding, Head } from './store.ts'

/** Each record's chain from where it was folded to what its head says. */
export async function* verifyChains(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'n')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key] of chunk) {
      const [room = ''] = partsOf(key)
      const sealed = await readOne(view, keyOf.head(room))
      if (sealed === undefined) {
        yield finding('HEAD_DAMAGED', room, `${room} is in the list of rooms, but has no head.`)
        continue
      }
      try {
        yield* verifyChain(view, unsealHead(room, sealed))
      } catch (error) {
        if (view.db.status !== 'open') throw error
        // A damaged head was named among the rooms.
      }
    }
  }
}

async function* verifyChain(view: View, head: Head): AsyncGenerator<Finding> {
  const { room } = head
  if (head.eventCount === 0) return
  const folded = await readFolded(view.db, room, view.snapshot)
  let { count, hash } = folded
  for await (const chunk of chunks(view, `c${room}\0`)) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    const numbers = chunk.map(([key, link]) => Number(unsealText(key, link)))
    const events = await readMany(view, numbers.map(keyOf.event))
    for (const [i, [key]] of chunk.entries()) {
      const seq = parseOrdered(partsOf(key)[1] ?? '')
      if (seq !== ++count) {
        yield finding('EVENT_MISSING', room, `${room}: events ${count} to ${seq - 1} are missing.`)
        count = seq
      }
      const sealed = events[i]
      if (sealed === undefined) {
        yield finding('EVENT_MISSING', room, `${room}: event ${seq} is missing.`)
        continue
      }
      try {
        const event = unsealEvent(keyOf.event(numbers[i] ?? 0), sealed, '')
        const isNext = event.hash === nextHash(hash, event.json) && event.seq === seq && event.room === room
        hash = event.hash
        if (!isNext)
          yield finding(
            'EVENT_CHAIN_BROKEN',
            room,
            `${room}: event ${seq} does not follow from the one before.`,
          )
      } catch (error) {
        yield finding('EVENT_DAMAGED', room, `${room}: event ${seq} is damaged (${reasonOf(error)}).`)
      }
    }
  }
  if (count < head.eventCount) {
    yield finding('EVENT_MISSING', room, `${room}: events ${count + 1} to ${head.eventCount} are missing.`)
  } else if (count > head.eventCount || hash !== tipOf(head)) {
    yield finding('EVENT_CHAIN_BROKEN', room, `${room}: the chain does not end where the head says.`)
  }
}

/** Each event of the log is in a record's chain. */
export async function* verifyEvents(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, 'e')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      const number = parseOrdered(key.slice(1))
      try {
        const { room, seq } = unsealEvent(key, value, '')
        const chainKey = keyOf.chain(room, seq)
        const link = await readOne(view, chainKey)
        if (link !== undefined && Number(unsealText(chainKey, link)) === number) continue
        yield finding(
          'EVENT_CHAIN_BROKEN',
          room,
          `${room}: event ${number} of the log is not in the chain of its record.`,
        )
      } catch (error) {
        if (view.db.status !== 'open') throw error
        yield finding(
          'EVENT_DAMAGED',
          String(number),
          `Event ${number} of the log is damaged (${reasonOf(error)}).`,
        )
      }
    }
  }
}
