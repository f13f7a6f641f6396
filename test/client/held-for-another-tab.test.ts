import { expect, it } from 'vitest'
import * as Y from 'yjs'
import type { ChannelEnds } from '../../client/link/carrier.ts'
import { EditLedger } from '../../client/record/edit-ledger.ts'
import { ReplicaChannel } from '../../client/record/replica-channel.ts'
import { writeUpdate } from '../../shared/wire/sync-message.ts'

it('what a tab sends for another that is gone waits while nothing may leave, and is not dropped', () => {
  const sent: Uint8Array[] = []
  const opened: ChannelEnds[] = []
  const nothing = (): void => {}
  const ledger = new EditLedger()
  const channel = new ReplicaChannel({
    doc: new Y.Doc(),
    room: 'ticket:1',
    ledger,
    carrier: {
      heardAt: null,
      messageBytesMax: 1e6,
      askTime() {},
      openChannel(_, ends) {
        opened.push(ends)
        return { isOpen: true, send: message => void sent.push(message), close: nothing }
      },
    },
    epoch: () => 'e2',
    isAgain: () => false,
    opened: nothing,
    met: nothing,
    saved: nothing,
    refused: nothing,
    tooLarge: nothing,
    outdated: nothing,
    ended: nothing,
    tookIn: nothing,
    wasTrue: nothing,
    statusChanged: nothing,
  })
  channel.connect({ hold: true })
  opened[0]?.opened({ epoch: 'e2', commit: 1, readOnly: false, clientId: null }, null)
  const { seq } = ledger.note(['title'], 0, null)
  const doc = new Y.Doc()
  doc.getArray('cells').push([1])
  const update = Y.encodeStateAsUpdate(doc)
  channel.sendFor(seq, update)
  expect(sent).not.toContainEqual(writeUpdate(update))
  channel.release()
  expect(sent).toContainEqual(writeUpdate(update))
  expect(ledger.saved(1).map(edit => edit.seq)).toEqual([seq])
  channel.close()
})
