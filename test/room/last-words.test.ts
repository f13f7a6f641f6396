import { expect, it } from 'vitest'
import { DirectPeer, person, writerOn } from '../guard/guarded-room.ts'
import { RoomServer } from './room-server.ts'
import { Ticket } from './ticket.ts'

it.each(['at once', 'while it is committed'])(
  'what somebody wrote who left %s reaches the only one who stays',
  async when => {
    const server = new RoomServer([Ticket])
    await server.start()
    const reader = await new DirectPeer(person('ana', 'office')).join(server, 'ticket:1')
    const writer = await new DirectPeer(person('bo', 'office')).join(server, 'ticket:1')
    writerOn(writer, Ticket).set({ title: 'last words' })
    if (when === 'while it is committed') await new Promise(resolve => setImmediate(resolve))
    writer.membership?.leave()
    await server.settled()
    expect(writerOn(reader, Ticket).view.title).toBe('last words')
    await server.close()
  },
)
