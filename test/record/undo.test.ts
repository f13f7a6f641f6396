import { describe, expect, it } from 'vitest'
import { exchange, openOn, Server, Ticket, Time, ticketOf, untyped } from './replicas.ts'

describe('undo', () => {
  it('goes back through many steps of one field, and forth again', () => {
    const ana = ticketOf('ana')
    for (const title of ['one', 'two', 'three']) ana.set({ title })
    ana.undo()
    expect(ana.view.title).toBe('two')
    ana.undo()
    expect(ana.view.title).toBe('one')
    ana.redo()
    ana.redo()
    expect(ana.view.title).toBe('three')
    expect(ana.canRedo).toBe(false)
    ana.undo()
    ana.undo()
    ana.undo()
    expect(ana.view.title).toBeNull()
    expect(ana.canUndo).toBe(false)
    expect(ana.undo()).toBeNull()
  })

  it('takes back what one wrote, and not what the server was asked to do since', () => {
    const ana = ticketOf('ana')
    ana.set({ title: 'one' })
    ana.act('close', { reason: 'done' })
    expect(ana.undo()).toMatchObject({ undone: ['title'], kept: [] })
    expect(ana.canUndo).toBe(false)
    expect(ana.actions).toHaveLength(1)
  })

  it('takes back at once what was written together, which is told once, and in one message', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.set({ title: 'one' })
    const first = ana.list('times').add({ start: 1 })
    let [updates, told] = [0, 0]
    ana.doc.on('update', () => updates++)
    ana.subscribe('', () => told++)
    ana.together(() => {
      for (let start = 2; start <= 400; start++) ana.list('times').add({ start })
      ana.list('times').set(first, { start: 7 })
      ana.set({ title: 'two' })
      ana.together(() => ana.set({ title: 'three' }))
    })
    expect([updates, told, ana.view.times.length]).toEqual([1, 1, 400])
    exchange(ana, boris)
    expect(boris.view).toEqual(ana.view)
    ana.undo()
    expect(ana.view).toMatchObject({ title: 'one', times: [{ id: first, start: 1 }] })
    ana.redo()
    expect(ana.view.title).toBe('three')
    expect(ana.view.times).toHaveLength(400)
    expect(() =>
      ana.together(() => {
        ana.set({ title: 'four' })
        throw new Error('no more')
      }),
    ).toThrow('no more')
    ana.undo()
    expect(ana.view.title).toBe('three')
  })

  it('takes back at once what was written and typed together, and leaves out what came and went in it', () => {
    const ana = ticketOf('ana')
    ana.set({ title: 'one' })
    ana.together(() => {
      ana.set({ title: 'two' })
      ana.text('description').insert(0, 'water')
      ana.list('times').remove(ana.list('times').add({ start: 1 }))
      ana.text('description').insert(5, ' everywhere')
    })
    ana.text('description').insert(0, 'Much ')
    ana.undo()
    expect(ana.view).toMatchObject({ title: 'two', description: 'water everywhere' })
    expect(ana.undo()).toMatchObject({ undone: ['title', 'description'], kept: [] })
    expect(ana.view).toMatchObject({ title: 'one', description: '', times: [] })
    ana.redo()
    ana.redo()
    expect(ana.view).toMatchObject({ title: 'two', description: 'Much water everywhere' })
    ana.together(() => ana.list('times').remove(ana.list('times').add({ start: 2 })))
    ana.undo()
    ana.undo()
    ana.undo()
    expect(ana.view).toMatchObject({ title: null, description: '' })
  })

  it('leaves what others have changed since, and says so', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.set({ title: 'mine', status: 'waiting' })
    exchange(ana, boris)
    boris.set({ title: 'theirs' })
    exchange(ana, boris)
    const result = ana.undo()
    expect(result).toEqual({
      undone: ['status'],
      kept: [{ path: 'title', by: 'boris', value: 'theirs', why: 'changed since' }],
    })
    expect(ana.view).toMatchObject({ title: 'theirs', status: 'open' })
  })

  it('leaves a field in which somebody else came out ahead', () => {
    const time = new Time()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    ana.set({ title: 'mine' })
    time.pass(1000)
    boris.set({ title: 'theirs' })
    exchange(ana, boris)
    expect(ana.undo()?.kept).toMatchObject([{ path: 'title', by: 'boris' }])
    expect(ana.view.title).toBe('theirs')
    expect(ana.field('title').conflict.map(({ value }) => value)).toEqual(['mine'])
  })

  it('puts its words under its own name, on every replica', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    boris.set({ title: 'by boris' })
    exchange(ana, boris)
    ana.set({ title: 'by ana' })
    ana.undo()
    exchange(ana, boris)
    expect(boris.field('title')).toMatchObject({ value: 'by boris', by: 'ana', conflict: [] })
  })

  it('takes away an entry it had added, and brings it back', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.list('times').add({ start: 1, note: 'x' }, { id: 'mon' })
    ana.undo()
    exchange(ana, boris)
    expect(boris.view.times).toEqual([])
    expect(boris.conflicts).toEqual([])
    ana.redo()
    exchange(ana, boris)
    expect(boris.view.times).toMatchObject([{ id: 'mon', start: 1, note: 'x' }])
  })

  it('leaves an entry that somebody else has worked on since', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    ana.list('times').add({ start: 1 }, { id: 'mon' })
    exchange(ana, boris)
    boris.list('times').set('mon', { note: 'mine too' })
    exchange(ana, boris)
    expect(ana.undo()).toMatchObject({
      undone: [],
      kept: [{ path: 'times/mon', by: 'boris', why: 'changed since' }],
    })
    expect(ana.view.times).toHaveLength(1)
  })

  it('brings back what was removed, and removes it again with all that was written meanwhile', () => {
    const ana = ticketOf('ana')
    ana.list('times').add({ start: 1 }, { id: 'mon' })
    ana.list('times').remove('mon')
    ana.undo()
    expect(ana.view.times).toHaveLength(1)
    ana.list('times').set('mon', { note: 'later' })
    ana.undo()
    ana.redo()
    ana.undo()
    ana.redo()
    expect(ana.view.times).toMatchObject([{ note: 'later' }])
    ana.remove()
    ana.undo()
    expect(ana.view.removed).toBe(false)
    ana.redo()
    expect(ana.view.removed).toBe(true)
    expect(ana.conflicts).toEqual([])
  })

  it('takes back tags, counts, moves and claims, and leaves a log as it is', () => {
    const server = new Server()
    const ana = ticketOf('ana')
    ana.list('lines').add({ name: 'a' }, { id: 'a' })
    ana.list('lines').add({ name: 'b' }, { id: 'b' })
    ana.union('tags').add('wet')
    ana.counter('partsUsed').add(2)
    ana.counter('partsUsed').add(3)
    ana.list('lines').move('b', 0)
    ana.set({ claimedBy: 'ana' })
    server.commit(ana)
    exchange(server, ana)
    ana.log('scans').add({ item: 'bolt' }, { id: 's1' })
    expect(ana.undo()).toMatchObject({ undone: [], kept: [{ path: 'scans/s1', why: 'permanent' }] })
    ana.undo()
    expect(ana.view.claimedBy).toBeNull()
    ana.undo()
    expect(ana.view.lines.map(({ id }) => id)).toEqual(['a', 'b'])
    ana.undo()
    expect(ana.view.partsUsed).toBe(2)
    ana.undo()
    expect(ana.view.partsUsed).toBe(0)
    ana.undo()
    expect(ana.view.tags).toEqual([])
    ana.union('tags').remove('never there')
    ana.undo()
    ana.undo()
    expect(ana.view.lines).toEqual([])
    expect(ana.canUndo).toBe(false)
  })

  it('of settling brings the value back, not the conflict', () => {
    const time = new Time()
    const [ana, boris] = [ticketOf('ana', { time }), ticketOf('boris', { time })]
    ana.set({ title: 'mine' })
    time.pass(1000)
    boris.set({ title: 'theirs' })
    exchange(ana, boris)
    ana.settle('title', 'mine')
    ana.undo()
    expect(ana.view.title).toBe('theirs')
    expect(ana.conflicts).toEqual([])
  })

  it('of text takes back what this person typed and nobody else, in the order in which they did things', () => {
    const [ana, boris] = [ticketOf('ana'), ticketOf('boris')]
    const text = ana.text('description')
    text.insert(0, 'water')
    ana.set({ title: 'Leak' })
    text.insert(5, ' everywhere')
    exchange(ana, boris)
    boris.text('description').insert(0, 'Much ')
    exchange(ana, boris)
    ana.undo()
    expect(ana.view).toMatchObject({ description: 'Much water', title: 'Leak' })
    ana.undo()
    expect(ana.view).toMatchObject({ description: 'Much water', title: null })
    ana.undo()
    expect(ana.view.description).toBe('Much ')
    ana.redo()
    ana.redo()
    ana.redo()
    expect(ana.view).toMatchObject({ description: 'Much water everywhere', title: 'Leak' })
  })

  it('that is not permitted as things stand can be tried again later', () => {
    const { record, close } = guarded()
    record.set({ title: 'mine' })
    close(true)
    expect(() => record.undo()).toThrowError(expect.objectContaining({ code: 'NOT_PERMITTED' }))
    expect(record.view.title).toBe('mine')
    close(false)
    record.undo()
    expect(record.view.title).toBeNull()
  })

  it('of a field that must not be empty leaves it', () => {
    const record = openOn(Ticket, 'ana')
    record.list('photos').add({ caption: 'x' }, { id: 'p' })
    const required = untyped(record)
    expect(required.undo()?.undone).toEqual(['photos/p'])
  })
})

const guarded = () => {
  let isClosed = false
  const record = openOn(
    {
      ...Ticket,
      access: { write: { title: () => !isClosed || 'closed' } },
    },
    'ana',
    { roles: [] },
  )
  return {
    record,
    close: (closed: boolean) => {
      isClosed = closed
    },
  }
}
