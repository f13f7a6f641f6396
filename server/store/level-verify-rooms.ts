import * as Y from 'yjs'
import {
  keyOf,
  parseOrdered,
  partsOf,
  unsealEarlierEpoch,
  unsealHead,
  unsealSnapshot,
  unsealUpdates,
} from './level-layout.ts'
import { chunks, finding, has, type View } from './level-verify-view.ts'
import { reasonOf } from '../../shared/reason-of.ts'
import { unsealText } from './sealed.ts'
import type { Finding, FindingCode, Head } from './store.ts'

export async function* verifyRooms(view: View): AsyncGenerator<Finding> {
  let room: RoomCheck | null = null
  for await (const chunk of chunks(view, 'd')) {
    if (!Array.isArray(chunk)) {
      yield chunk
      continue
    }
    for (const [key, value] of chunk) {
      const [name = '', kind = ''] = partsOf(key)
      if (room?.name !== name) {
        if (room) yield* room.end()
        room = new RoomCheck(name)
        if (!(await has(view, keyOf.name(name)))) {
          yield finding('HEAD_DAMAGED', name, `${name} is missing from the list of rooms.`)
        }
      }
      yield* room.see(key, kind, value)
    }
  }
  if (room) yield* room.end()
}

/** One room's entries in the order of their keys: the head comes first. */
class RoomCheck {
  readonly name: string
  #head: Head | null = null
  #isHeadNamed = false
  #isSnapshotNamed = false
  #snapshotCommit = 0
  #commits: number[] = []

  constructor(name: string) {
    this.name = name
  }

  *see(key: string, kind: string, value: Uint8Array): Generator<Finding> {
    const { name } = this
    const rest = kind.slice(1)
    if (kind[0] === 'a') {
      yield* this.#try('HEAD_DAMAGED', 'head', () => {
        this.#head = unsealHead(name, value)
      })
    } else if (kind[0] === 'b') {
      yield* this.#try('OWNER_DAMAGED', `earlier epoch ${rest}`, () => unsealEarlierEpoch(key, value))
    } else if (kind[0] === 'c') {
      yield* this.#try('OWNER_DAMAGED', `owner of client id ${parseOrdered(rest)}`, () =>
        unsealText(key, value),
      )
    } else if (kind[0] === 'd') {
      yield* this.#try('SNAPSHOT_DAMAGED', 'snapshot', () => {
        const { commit, bytes } = unsealSnapshot(key, value)
        this.#snapshotCommit = commit
        Y.decodeUpdate(bytes)
      })
    } else {
      yield* this.#seeLog(key, parseOrdered(rest), value)
    }
  }

  *#seeLog(key: string, commit: number, value: Uint8Array): Generator<Finding> {
    // Left over from a compaction that a crash cut short: nobody reads it.
    if (this.#head !== null && commit <= this.#head.snapshotCommit) return
    this.#commits.push(commit)
    yield* this.#try('UPDATE_DAMAGED', `update of commit ${commit}`, () => {
      const updates: Uint8Array[] = []
      unsealUpdates(key, value, updates)
      for (const update of updates) Y.decodeUpdate(update)
    })
  }

  *#try(code: FindingCode, what: string, read: () => unknown): Generator<Finding> {
    try {
      read()
    } catch (error) {
      if (code === 'HEAD_DAMAGED') this.#isHeadNamed = true
      if (code === 'SNAPSHOT_DAMAGED') this.#isSnapshotNamed = true
      yield finding(code, this.name, `${this.name}: the ${what} is damaged (${reasonOf(error)}).`)
    }
  }

  *end(): Generator<Finding> {
    const { name } = this
    const head = this.#head
    if (head === null) {
      if (!this.#isHeadNamed) yield finding('HEAD_DAMAGED', name, `${name} has content but no head.`)
      return
    }
    if (this.#isSnapshotNamed) {
      // Which commit it covers is not known either.
    } else if (this.#snapshotCommit > head.commit) {
      const sentence = `${name}: the snapshot is of commit ${this.#snapshotCommit}, beyond the head's ${head.commit}.`
      yield finding('SNAPSHOT_AHEAD', name, sentence)
    } else if (this.#snapshotCommit !== head.snapshotCommit) {
      const sentence = `${name}: the snapshot is of commit ${this.#snapshotCommit}, the head says ${head.snapshotCommit}.`
      yield finding('SNAPSHOT_DAMAGED', name, sentence)
    }
    const last = this.#commits.at(-1) ?? 0
    if (this.#commits.length !== head.logEntries || last > head.commit) {
      const sentence = `${name}: the log after commit ${head.snapshotCommit} has ${this.#commits.length} entries up to ${last}, the head says ${head.logEntries} up to ${head.commit}.`
      yield finding('LOG_GAP', name, sentence)
    }
  }
}
