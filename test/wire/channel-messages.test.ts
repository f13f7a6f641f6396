import { describe, expect, it } from 'vitest'
import * as awareness from 'y-protocols/awareness'
import * as sync from 'y-protocols/sync'
import * as encoding from 'lib0/encoding'
import * as Y from 'yjs'
import {
  type ChannelMessage,
  readChannelMessage,
  writeAwareness,
  writePending,
  writePermissionDenied,
  writeQueryAwareness,
  writeRefused,
  writeSaved,
  writeStanding,
  writeSyncStep1,
  writeSyncStep2,
  writeUpdate,
} from '../../shared/wire/sync-message.ts'

const bytes = Uint8Array.from({ length: 300 }, (_, i) => i % 256)
const refused = {
  number: 3,
  code: 'BAD_VALUE',
  paths: ['items/7f3/price', 'ž'],
  sentence: 'Ne može.',
  spent: [4_000_000_000],
}
const standing = { epoch: 'e1', commit: 2 ** 40, readOnly: true, clientId: 4_000_000_000 }

const pairs: [string, Uint8Array, ChannelMessage][] = [
  ['step 1', writeSyncStep1(bytes), { kind: 'syncStep1', stateVector: bytes }],
  ['step 2', writeSyncStep2(bytes), { kind: 'syncStep2', update: bytes, commit: null }],
  ['step 2 with a commit', writeSyncStep2(bytes, 300), { kind: 'syncStep2', update: bytes, commit: 300 }],
  ['update', writeUpdate(bytes), { kind: 'update', update: bytes, commit: null }],
  ['update with a commit', writeUpdate(bytes, 2 ** 40), { kind: 'update', update: bytes, commit: 2 ** 40 }],
  [
    'empty update',
    writeUpdate(new Uint8Array(0)),
    { kind: 'update', update: new Uint8Array(0), commit: null },
  ],
  ['awareness', writeAwareness(bytes), { kind: 'awareness', body: bytes }],
  ['query awareness', writeQueryAwareness(), { kind: 'queryAwareness' }],
  ['permission denied', writePermissionDenied('ne'), { kind: 'permissionDenied', reason: 'ne' }],
  ['saved', writeSaved({ count: 5, commit: 2 ** 40 }), { kind: 'saved', count: 5, commit: 2 ** 40 }],
  ['refused', writeRefused(refused), { kind: 'refused', ...refused }],
  ['pending', writePending(9), { kind: 'pending', number: 9 }],
  ['standing', writeStanding(standing), { kind: 'standing', ...standing }],
  [
    'standing without client id',
    writeStanding({ ...standing, clientId: null }),
    { kind: 'standing', ...standing, clientId: null },
  ],
]

describe('a channel message', () => {
  it('of a kind that is written in more bytes than it needs is none: whoever counts it would take it for another', () => {
    const update = writeUpdate(bytes)
    const kind = Uint8Array.of(0x80, ...update)
    const step = Uint8Array.of(0, 0x82, ...update.subarray(1))
    expect(readChannelMessage(kind)).toMatchObject({ kind: 'unknown' })
    expect(readChannelMessage(step)).toEqual({ kind: 'malformed' })
  })

  it.each(pairs)('%s reads as it was written', (_name, message, read) => {
    expect(readChannelMessage(message)).toEqual(read)
  })

  it.each(pairs)(
    '%s, cut anywhere, is malformed or as good as whole, and never throws',
    (_name, message, read) => {
      for (let length = 0; length < message.length; length++) {
        const cut = readChannelMessage(message.subarray(0, length))
        // Without its trailing commit a sync message is whole, and cut within it is not.
        if (cut.kind !== 'malformed') expect({ ...cut, commit: null }).toEqual({ ...read, commit: null })
      }
    },
  )

  it('is the one that y-protocols writes and reads', () => {
    const doc = new Y.Doc()
    doc.getMap('m').set('a', 1)
    const written = (write: (encoder: encoding.Encoder) => void, kind: number): Uint8Array => {
      const encoder = encoding.createEncoder()
      encoding.writeVarUint(encoder, kind)
      write(encoder)
      return encoding.toUint8Array(encoder)
    }
    const state = Y.encodeStateAsUpdate(doc)
    expect(writeSyncStep1(Y.encodeStateVector(doc))).toEqual(written(e => sync.writeSyncStep1(e, doc), 0))
    expect(writeSyncStep2(state)).toEqual(written(e => sync.writeSyncStep2(e, doc), 0))
    expect(writeUpdate(state)).toEqual(written(e => sync.writeUpdate(e, state), 0))
    const present = new awareness.Awareness(doc)
    const body = awareness.encodeAwarenessUpdate(present, [doc.clientID])
    expect(writeAwareness(body)).toEqual(written(e => encoding.writeVarUint8Array(e, body), 1))
    present.destroy()
  })

  it('of a kind that is not known yet is told apart from a damaged one', () => {
    expect(readChannelMessage(Uint8Array.of(110, 1, 2))).toEqual({ kind: 'unknown', number: 110 })
    for (const damaged of [
      [],
      [0],
      [0, 3],
      [0, 9, 1, 1],
      [2, 1],
      [101, 1, 200],
      [103, 1, 255, 1, 1, 200, 200],
    ])
      expect(readChannelMessage(Uint8Array.from(damaged))).toEqual({ kind: 'malformed' })
  })

  it('cannot ask for a list of gigabytes', () => {
    const encoder = encoding.createEncoder()
    for (const value of [101, 1, 0, 2 ** 31]) encoding.writeVarUint(encoder, value)
    expect(readChannelMessage(encoding.toUint8Array(encoder))).toEqual({ kind: 'malformed' })
  })
})
