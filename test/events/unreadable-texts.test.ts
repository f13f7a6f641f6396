import { expect, it } from 'vitest'
import { TextPauses } from '../../server/event/text-pauses.ts'
import { RoomRefusal } from '../../server/room/peer.ts'
import { RoomClosed } from '../../server/room/room-closed.ts'

it('what was typed in a record of a type that is served no more waits for a start that serves it, and is said once', async () => {
  const opened: string[] = []
  const failed: string[] = []
  const waiting = JSON.stringify({ since: 1, at: 1, names: {}, fields: {} })
  const texts = new TextPauses({
    store: {
      readValues: async () => ({
        values: ['gone:1', 'note:1'].map(key => ({ key, value: waiting })),
        next: null,
        damaged: [],
      }),
    },
    openRoom: async name => {
      opened.push(name)
      throw name === 'gone:1' ? new RoomRefusal('NO_SUCH_TYPE') : new RoomClosed(name)
    },
    now: () => 1_000_000,
    pauseMs: 2,
    told() {},
    failed: room => failed.push(room),
  })
  await texts.open()
  texts.start()
  await expect.poll(() => opened.filter(name => name === 'note:1').length).toBeGreaterThan(3)
  await texts.close()
  expect(opened.filter(name => name === 'gone:1')).toHaveLength(1)
  expect(failed).toEqual(['gone:1'])
})
