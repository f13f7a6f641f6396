// What a tablet has not sent, put back on what the server has, must come to the same as if it had simply been sent.

import * as Y from 'yjs'
import { describe, expect, it } from 'vitest'
import { createRandom, type Random } from '../../server/simulate/random.ts'
import { fold } from '../../shared/record/fold.ts'
import { Journal } from '../../shared/record/journal.ts'
import { collectUnsent, putBack } from '../../shared/record/rebase.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import { exchange, send, Server, Ticket, Time, ticketOf, untyped } from '../record/replicas.ts'

const named = process.env.CORECORD_SEED
/** The first ones, and one whose line was removed while a tablet raised its counter and took that back. */
const SEEDS =
  named === undefined ? [...Array.from({ length: 300 }, (_, i) => i + 1), 28_699] : [Number(named)]
const MINUTE = 60_000

const edits: readonly ((t: Ticket, random: Random, step: number) => string)[] = [
  (t, random) => {
    const title = `title ${random.below(5)}`
    t.set({ title })
    return `title = ${title}`
  },
  (t, random) => {
    const status = random.pick(['open', 'in_progress', 'waiting', 'done'] as const)
    t.set({ status, floor: random.below(5) })
    return `status = ${status}`
  },
  (t, random) => {
    const priority = random.pick(['low', 'normal', 'high', 'urgent'] as const)
    t.set({ priority })
    return `priority = ${priority}`
  },
  t => {
    t.set({ claimedBy: t.view.claimedBy === t.author ? null : t.author })
    return `claimedBy = ${t.view.claimedBy}`
  },
  (t, random) => {
    t.counter('partsUsed').add(1 + random.below(5))
    return `partsUsed = ${t.view.partsUsed}`
  },
  (t, random) => {
    const tag = random.pick(['wet', 'cold', 'a/b'])
    if (random.chance(0.6)) t.union('tags').add(tag)
    else t.union('tags').remove(tag)
    return `tags = ${t.view.tags.join()}`
  },
  (t, random, step) => {
    t.log('scans').add({ item: 'bolt', quantity: random.below(3) }, { id: `${t.author}-${step}` })
    return `scan ${step}`
  },
  (t, random, step) => {
    const id = random.chance(0.3) ? 'shared' : `${t.author}-${step}`
    t.list('lines').add({ name: `line ${step}` }, { id, at: random.below(t.view.lines.length + 1) })
    return `line ${id}`
  },
  (t, random, step) => {
    if (t.view.lines.length === 0) return ''
    const { id } = random.pick(t.view.lines)
    t.list('lines').set(id, { quantity: step })
    return `line ${id} quantity = ${step}`
  },
  (t, random) => {
    if (t.view.lines.length === 0) return ''
    const { id } = random.pick(t.view.lines)
    t.list('lines').counter(id, 'used').add(1)
    return `line ${id} used + 1`
  },
  (t, random) => {
    if (t.view.lines.length === 0) return ''
    const { id } = random.pick(t.view.lines)
    t.list('lines').remove(id)
    return `remove line ${id}`
  },
  (t, random) => {
    const [conflict] = t.conflicts.filter(({ kind }) => kind === 'values')
    if (conflict === undefined) return ''
    random.pick(conflict.values).settle()
    return `settle ${conflict.path}`
  },
  t => {
    t.undo()
    return 'undo'
  },
  (t, _, step) => {
    const text = t.text('description')
    text.insert(text.length, `${t.author}${step} `)
    return `type ${t.author}${step}`
  },
]

/** In the midst of words that others change too: only where characters keep their ids is it told how those merge. */
const textEdits: typeof edits = [
  (t, random, step) => {
    const text = t.text('description')
    text.insert(random.below(text.length + 1), `${step}`)
    return `type ${step} into the text`
  },
  (t, random) => {
    const text = t.text('description')
    if (text.length === 0) return ''
    const at = random.below(text.length)
    text.delete(at, Math.min(1 + random.below(6), text.length - at))
    return `delete at ${at}`
  },
]

interface Story {
  readonly history: string[]
  readonly sent: unknown
  readonly putBack: unknown
}

const story = (seed: number, isFolded: boolean): Story => {
  const choice = isFolded ? edits : [...edits, ...textEdits, ...textEdits]
  const random = createRandom(seed)
  const time = new Time()
  const history: string[] = []
  const server = new Server()
  const doc = new Y.Doc()
  const journal = new Journal(Ticket, doc)
  journal.start()
  const clients = [3000, 4000].map(from => from + random.below(900))
  const tablet = ticketOf('ana', { time, doc, journal, client: clients[0] ?? 1 })
  const office = ticketOf('boris', { time, client: clients[1] ?? 2 })
  let step = 0
  const edit = (t: Ticket): void => {
    time.pass(MINUTE)
    step++
    try {
      history.push(`${t.author}: ${random.pick(choice)(t, random, step)}`)
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
    }
  }
  const acknowledged = (): void => {
    journal.savedCells(doc.clientID, Y.getState(server.doc.store, doc.clientID))
    journal.savedTexts()
  }

  office.set({ title: 'Leak' })
  for (let i = random.below(8); i > 0; i--) edit(random.chance(0.5) ? tablet : office)
  server.commit(office)
  server.commit(tablet)
  exchange(server, tablet, office)
  acknowledged()
  history.push('all of it saved')
  for (let i = random.below(5); i > 0; i--) edit(tablet)
  // Words that were committed unacknowledged and deleted thereafter, nobody remembers: those may come back.
  let forgotten: readonly string[] = []
  if (random.chance(0.5)) {
    server.commit(tablet)
    forgotten = wordsOf(tablet)
    history.push('ana is saved, the acknowledgement is lost')
  }
  for (let i = 1 + random.below(6); i > 0; i--) edit(tablet)
  for (let i = random.below(6); i > 0; i--) edit(office)
  server.commit(office)

  // The new epoch, or a refusal, before the tablet is heard again.
  let fresh = 10
  const there = new Server()
  const state = isFolded ? fold(Ticket, server.doc, () => fresh++) : server.doc
  Y.applyUpdate(there.doc, Y.encodeStateAsUpdate(state))
  const held = new Map([[doc.clientID, Y.getState(server.doc.store, doc.clientID)]])
  const again = ticketOf('ana', { time, client: 5000 })
  send(there, again)
  const unsent = collectUnsent(Ticket, doc, held, journal, isFolded ? null : again)
  const { unplaced } = putBack(untyped(again), unsent)
  if (unplaced.length > 0)
    history.push(
      `unplaced: ${unplaced.map(({ content }) => ('cell' in content ? content.cell.path : content.text.field)).join()}`,
    )
  there.commit(again)
  server.commit(tablet)
  if (!isFolded) return { history, sent: textAndReadingOf(server), putBack: textAndReadingOf(there) }
  const kept = wordsOf({ view: ticketOf('reader', { doc: server.doc }).view })
  const mayComeBack = forgotten.filter(word => !kept.includes(word))
  return { history, sent: readingOf(server, []), putBack: readingOf(there, mayComeBack) }
}

/** Spaces aside: of two alike, a diff cannot tell which was deleted. */
const wordsOf = ({ view }: { readonly view: { readonly description: string } }): string[] =>
  view.description.match(/(ana|boris)\d+/g) ?? []

const textAndReadingOf = (server: Server): unknown => [
  ticketOf('reader', { doc: server.doc }).view.description,
  readingOf(server, []),
]

const readingOf = (server: Server, mayComeBack: readonly string[]): unknown => {
  const record = ticketOf('reader', { doc: server.doc })
  const { description: _, isLate: __, ...view } = record.view
  return {
    view,
    // Where two typed at one place, who comes first is for the characters' ids to say, which a fold gives anew.
    words: wordsOf(record)
      .filter(word => !mayComeBack.includes(word))
      .sort(),
    questions: record.conflicts
      .map(({ kind, path, values }) =>
        kind === 'edited while removed' && path !== ''
          ? // How shares of a counter are joined differs; the latest of what nobody saw does not.
            `${kind} ${path} ${Math.max(...values.map(({ at }) => at))}`
          : `${kind} ${path} ${JSON.stringify(values.map(({ value, by, at }) => [value, by, at]).sort())}`,
      )
      .sort(),
    tentative: record.field('claimedBy').tentative,
  }
}

describe('what a tablet has not sent, put back', () => {
  it.each([
    ['on a folded record', true, SEEDS],
    ['beside what was refused', false, SEEDS.slice(0, 150)],
  ])('%s, reads as if it had been sent, over many seeds', (_, isFolded, seeds) => {
    for (const seed of seeds) {
      const { history, sent, putBack } = story(seed, isFolded)
      expect(putBack, `CORECORD_SEED=${seed}\n${history.join('\n')}`).toEqual(sent)
    }
  })
})
