import * as Y from 'yjs'
import { createClock } from '../../shared/index.ts'
import type { Change } from '../../server/store/store.ts'

/**
 * A ticket after so many tab sessions, each with a client id of its own, as it lies in a store: one after the other
 * they overwrote the title and used a part.
 */
export const writtenBySessions = (id: string, sessions: number): Change => {
  const doc = new Y.Doc()
  const cells = doc.getArray<readonly unknown[]>('cells')
  const clock = createClock()
  const clients = Array.from({ length: sessions }, (_, session) => 1_000_000 + session)
  // One transaction for all of them: what makes a record of many ids dear is each transaction.
  doc.transact(() => {
    for (const [session, client] of clients.entries()) {
      doc.clientID = client
      // The last title stands behind the creation and the parts that were used before it.
      if (session === 0) cells.push([['$created', true, clock.next(), 'ana']])
      else cells.delete(session)
      cells.push([
        ['title', `edit ${session}`, clock.next(), 'ana'],
        [`partsUsed/${client}`, 1, clock.next(), 'ana'],
      ])
    }
  })
  return {
    rooms: [
      {
        room: `ticket:${id}`,
        type: 'ticket',
        epoch: 'first',
        expect: 0,
        at: Date.now(),
        by: 'ana',
        updates: [Y.encodeStateAsUpdate(doc)],
        owners: clients.map(clientId => ({ clientId, userId: 'ana' })),
      },
    ],
  }
}
