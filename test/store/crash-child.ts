/**
 * Commits without end into the folder named as its argument, and says on its standard output what has been saved:
 * a line `room commit` only after `commit()` resolved. The parent kills it at some moment.
 */
import { writeSync } from 'node:fs'
import { GroupCommit } from '../../server/store/group-commit.ts'
import { LevelStore } from '../../server/store/level-store.ts'
import type { RoomChange } from '../../server/store/store.ts'

const folder = process.argv[2]
if (folder === undefined) throw new Error('which folder?')

const store = new LevelStore({ folder, writeBufferBytes: 1 << 20 })
await store.open()
const commit = new GroupCommit(store, { onReadOnly: reason => say(reason ? 'readOnly' : 'writable') })

/** Said before anything else is done; a busy parent reads later, and then it is said again. */
function say(line: string): void {
  for (;;) {
    try {
      writeSync(1, `${line}\n`)
      return
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}

function changeOf(room: string, expected: number, joined: string): RoomChange {
  const id = room.slice(room.indexOf(':') + 1)
  const json = JSON.stringify({ id, commit: expected + 1, joined })
  return {
    room,
    type: 'ticket',
    epoch: 'e',
    expect: expected,
    at: expected,
    by: 'ana',
    // An empty update: that it is there and in order is what is asked.
    updates: [new Uint8Array([0, 0])],
    row: { id, json },
    events: [json],
  }
}

/** Two rooms always written together, so that half a change would be seen. */
async function pairOfRooms(n: number): Promise<never> {
  const rooms = [`ticket:${n}a`, `ticket:${n}b`]
  const heads = await Promise.all(rooms.map(room => store.readHead(room)))
  for (let expected = heads[0]?.commit ?? 0; ; expected++) {
    const outcome = await commit.submit({
      rooms: rooms.map(room => changeOf(room, expected, `${n}/${expected}`)),
    })
    if (!outcome.saved) throw new Error(`moved: ${outcome.moved.join()}`)
    say(`${n} ${expected + 1}`)
    if (expected % 50 === 49) void store.compactRoom(rooms[0] ?? '', new Uint8Array([0, 0]), expected - 5)
  }
}

say('ready')
await Promise.all(Array.from({ length: 20 }, (_, n) => pairOfRooms(n)))
