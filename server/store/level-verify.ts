import type { LevelDatabase } from './level-database.ts'
import type { Loss } from './level-cut-tables.ts'
import { LOST_SPACE, partsOf } from './level-layout.ts'
import { CUT_SPACE } from './level-reads.ts'
import { verifyChains, verifyEvents } from './level-verify-events.ts'
import { verifyRooms } from './level-verify-rooms.ts'
import { verifyRows } from './level-verify-rows.ts'
import { chunks, finding, type View } from './level-verify-view.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import { unsealText } from './sealed.ts'
import type { Finding } from './store.ts'

/** Reads everything once, as of now, and holds it against what it must agree with. */
export function verifyLevel(db: LevelDatabase, options: { events: boolean }): AsyncIterable<Finding> {
  return db.stream(async function* (level, snapshot) {
    const view = { db: level, snapshot }
    yield* verifyRooms(view)
    yield* verifyRows(view)
    if (options.events) {
      yield* verifyChains(view)
      yield* verifyEvents(view)
    }
    yield* verifyValues(view)
  })
}

async function* verifyValues(view: View): AsyncGenerator<Finding> {
  for await (const chunk of chunks(view, '!')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      try {
        unsealText(key, value)
      } catch (error) {
        yield finding(
          'VALUE_DAMAGED',
          key,
          `What the store notes of itself as ${key} is damaged (${reasonOf(error)}).`,
        )
      }
    }
  }
  for await (const chunk of chunks(view, 'v')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      const [space = '', name = ''] = partsOf(key)
      try {
        const text = unsealText(key, value)
        if (space === CUT_SPACE) yield cutFinding(name, text)
        if (space === LOST_SPACE) yield lostFinding(text)
      } catch (error) {
        yield finding(
          'VALUE_DAMAGED',
          `${space}/${name}`,
          `${space}/${name} is damaged (${reasonOf(error)}).`,
        )
      }
    }
  }
}

function cutFinding(room: string, text: string): Finding {
  // Written by the store itself when it found the cut.
  const { witnessed, found } = JSON.parse(text) as { witnessed: number; found: number }
  const what = found === 0 ? 'is gone altogether' : `began a new epoch after commit ${found}`
  const sentence = `${room} lost what was saved up to commit ${witnessed}, and ${what}. Devices that have it bring it back; a backup may hold more.`
  return finding('LOG_CUT', room, sentence)
}

function lostFinding(text: string): Finding {
  // Written by the salvage.
  const { table, bytes, left, behind } = JSON.parse(text) as Loss
  const where = behind === null ? 'all that was in it' : `what stood in it behind ${behind}`
  const sentence = `Of the table ${table} ${left} of ${bytes} bytes were left: ${where} is gone, whole records too. Compare with a backup.`
  return finding('UNREADABLE', '', sentence)
}
