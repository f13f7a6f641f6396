// Who else is there, where the link is lost and comes back.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { bindCursors } from '../../client/editor/quill-cursors.ts'
import { Office } from './office.ts'
import { Ticket } from './records.ts'

let office: Office
beforeEach(() => {
  office = new Office()
})
afterEach(() => office.close())

it('a moment without a link takes nobody off the screen, a longer one does', async () => {
  const ana = await office.sit(office.browser(), 'ana', { firstDelayMs: 500 })
  const bo = await office.sit(office.browser(), 'bo', { firstDelayMs: 500 })
  const here = ana.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  const there = bo.desk.open(Ticket, '1')
  await office.quiet()
  there.presence.focus('title')
  await office.quiet()
  const fields = (): unknown[] => here.presence.people.map(({ field }) => field)
  expect(fields()).toEqual(['title'])
  const counts = new Set<number>()
  const stop = here.presence.subscribe(() => counts.add(here.presence.people.length))
  office.server.kill()
  await office.quiet()
  expect(ana.desk.status.carrier).toBeNull()
  expect(fields()).toEqual(['title'])
  await office.later(600)
  expect(ana.desk.status.carrier).toBe('socket')
  there.presence.focus('notes')
  await office.quiet()
  await office.later(10_000)
  expect(fields()).toEqual(['notes'])
  expect([...counts]).not.toContain(0)
  expect([...counts]).not.toContain(2)
  stop()
  office.goDown()
  await office.later(2_000)
  expect(fields()).toEqual(['notes'])
  await office.later(2_000)
  expect(fields()).toEqual([])
  await office.later(60_000)
  expect(fields()).toEqual([])
})

it('who only reads what a record is called is not seen there, until they open it', async () => {
  const ana = await office.sit(office.browser(), 'ana')
  const bo = await office.sit(office.browser(), 'bo')
  const here = ana.desk.create(Ticket, { title: 'Leak' }, { id: '1' })
  await office.quiet()
  const read = bo.desk.open(Ticket, '1', { unseen: true })
  await office.quiet()
  expect(read.view?.title).toBe('Leak')
  expect(here.presence.people).toEqual([])
  bo.desk.open(Ticket, '1')
  await office.quiet()
  expect(here.presence.people.map(({ id }) => id)).toEqual(['bo'])
})

it('where one is in a text is told from the beginning, and by the editor one is in, not by the one that was left', () => {
  const doc = new Y.Doc()
  const awareness = new Awareness(doc)
  const cursor = (): unknown => awareness.getLocalState()?.['cursor'] ?? null
  const editorOf = (name: string) => {
    const text = doc.getText(name)
    text.insert(0, 'It stopped.')
    let told = (): void => {}
    const editor = {
      at: null as number | null,
      getModule: () => undefined,
      getSelection: () => (editor.at === null ? null : { index: editor.at, length: 0 }),
      on: (_: string, tell: () => void) => {
        told = tell
      },
      off: () => {},
    }
    const go = (at: number | null): void => {
      editor.at = at
      told()
    }
    return { go, bind: () => bindCursors(text, editor, awareness, ({ color }) => color) }
  }
  const [first, second] = [editorOf('first'), editorOf('second')]
  const unbind = first.bind()
  second.bind()
  first.go(3)
  second.go(5)
  const inSecond = cursor()
  first.go(null)
  expect(cursor()).toBe(inSecond)
  first.go(3)
  expect(cursor()).not.toBe(inSecond)
  second.go(null)
  expect(cursor()).not.toBeNull()
  unbind()
  expect(cursor()).toBeNull()
  first.bind()
  expect(cursor()).not.toBeNull()
  first.go(null)
  expect(cursor()).toBeNull()
  doc.destroy()
})
