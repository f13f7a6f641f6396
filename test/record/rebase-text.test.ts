// Putting a person's typing onto a text that has forgotten the characters it was typed between.

import * as Y from 'yjs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../server/simulate/random.ts'
import { Journal, type JournalState, shownItems, type TextDelta } from '../../shared/record/journal.ts'
import { defineRecord } from '../../shared/record/define-record.ts'
import { text } from '../../shared/record/field.ts'
import { collectUnsent } from '../../shared/record/rebase.ts'
import { rebaseText } from '../../shared/record/rebase-text.ts'
import { valueProblem } from '../../shared/record/value.ts'

const plain = (text: string): TextDelta => (text === '' ? [] : [{ insert: text }])

const apply = (theirs: TextDelta, ops: readonly unknown[]): Y.Text => {
  const text = new Y.Doc().getText('t')
  text.applyDelta(theirs as unknown[])
  text.applyDelta(ops as unknown[])
  return text
}
const merged = (base: string, mine: string, theirs: string): string =>
  apply(plain(theirs), rebaseText(plain(base), plain(mine), plain(theirs))).toString()

const words = fc
  .array(fc.constantFrom('water', 'pipe', 'cellar', 'boiler', 'žuta', '😀', '.', '\n', ' '), {
    maxLength: 12,
  })
  .map(parts => parts.join(' '))
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '\n', 'é', '😀', '👩‍🚒'), maxLength: 20 })

describe('an unsent text', () => {
  it.each([
    [
      'my insertion goes where it was made',
      'The pipe leaks.',
      'The old pipe leaks.',
      'The pipe leaks badly.',
      'The old pipe leaks badly.',
    ],
    ['my deletion deletes', 'one two three', 'one three', 'zero one two three', 'zero one three'],
    ['their deletion stays', 'one two three', 'one two three four', 'one three', 'one three four'],
    ['what both deleted is gone', 'one two three', 'one three', 'one three', 'one three'],
    ['what both inserted is there once', 'one', 'one two', 'one two', 'one two'],
    ['onto an emptied text it is kept', 'one', 'one two', '', ' two'],
    ['an emptied text stays empty', 'one two', '', 'one two', ''],
    ['nothing typed changes nothing', 'one', 'one', 'one two', 'one two'],
    ['of one word that both changed, both words stay', 'pipe', 'pipes', 'piping', 'pipingpipes'],
    [
      'of what is written without spaces too, once',
      '雨水管漏了',
      '雨水管又漏了',
      '老雨水管漏',
      '老雨水管又漏',
    ],
    ['in Thai', 'ท่อน้ำรั่ว', 'ท่อน้ำร้อนรั่ว', 'ท่อใหญ่น้ำรั่ว', 'ท่อใหญ่น้ำร้อนรั่ว'],
    ['an emoji is never cut', 'a😀b', 'a😀😀b', 'a😀b!', 'a😀😀b!'],
  ])('%s', (_, base, mine, theirs, expected) => {
    expect(merged(base, mine, theirs)).toBe(expected)
  })

  it.each([
    ['a word that was replaced', 'dogcat', 'my dog', 'dog', [[0, 3]], 'my dog'],
    ['a word beside others', 'm3xm1x  ', 'm4x m3x ', 'm3x ', [[0, 4]], 'm4x m3x '],
    ['a letter too many', 'leeak', 'leak here', 'leak', [[4, 9]], 'leak here'],
    ['a pair', '😀😁', '😁!', '😁', [[2, 3]], '😁!'],
    ['what others have changed', 'dogcat', 'my dog', 'hound', [[0, 3]], 'my hound'],
    ['what was said before', 'one two', 'one one two', 'one two three', [[0, 4]], 'one one two three'],
  ] as const)('of %s, where one typed on, only what was typed is new', (_, base, mine, theirs, typed, is) => {
    expect(apply(plain(theirs), rebaseText(plain(base), plain(mine), plain(theirs), typed)).toString()).toBe(
      is,
    )
  })

  const typings = fc.constantFrom('NEW', ' X', 'Y ', ' Z Z ', '😎')

  it('of which it is known what was typed has that once, whatever others have made of it', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...'abcdefgh .,-\né😀')),
        typings,
        fc.nat(),
        fc.infiniteStream(fc.boolean()),
        (letters, typed, place, lots) => {
          const base = letters.join('')
          const kept = letters.filter(() => lots.next().value)
          const at = place % (kept.length + 1)
          const before = kept.slice(0, at).join('')
          const mine = `${before}${typed}${kept.slice(at).join('')}`
          const units = [[before.length, before.length + typed.length]] as const
          const read = (theirs: string): string =>
            apply(plain(theirs), rebaseText(plain(base), plain(mine), plain(theirs), units)).toString()
          expect(read(base)).toBe(mine)
          // What was taken out is known there, and what was typed is not.
          expect([...read(kept.join(''))].sort()).toEqual([...mine].sort())
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('becomes mine where they changed nothing, and theirs where I changed nothing', () => {
    fc.assert(
      fc.property(fc.oneof(words, anyText), fc.oneof(words, anyText), (base, other) => {
        expect(merged(base, other, base)).toBe(other)
        expect(merged(base, base, other)).toBe(other)
        expect(rebaseText(plain(base), plain(base), plain(other))).toEqual([])
      }),
      { numRuns: 1000 },
    )
  })

  it('that had been committed, with only the acknowledgement lost, is not there twice', () => {
    fc.assert(
      fc.property(fc.oneof(words, anyText), fc.oneof(words, anyText), (base, mine) => {
        expect(merged(base, mine, mine)).toBe(mine)
      }),
      { numRuns: 1000 },
    )
  })

  /**
   * A text on a device, changed there, while the office, which is heard, writes too; and how it reads once it was put
   * back on the text as the office has it, under other ids.
   */
  const putBackAlone = (
    before: string,
    edits: (text: Y.Text, officeText: Y.Text) => void,
    asKept: (state: JournalState) => JournalState = state => state,
  ): [mine: string, putBack: string] => {
    const Note = defineRecord('note', { fields: { body: text.rich() } })
    const doc = new Y.Doc()
    const office = new Y.Doc()
    office.getText('body').insert(0, before)
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(office))
    office.on('update', update => Y.applyUpdate(doc, update))
    const journal = new Journal(Note, doc)
    journal.start()
    edits(doc.getText('body'), office.getText('body'))
    const theirs = office.getText('body').toString()
    const kept = new Journal(Note, doc, asKept(journal.state))
    const [unsent] = collectUnsent(Note, doc, new Map([[doc.clientID, 0]]), kept).texts
    const mine = doc.getText('body').toString()
    if (unsent === undefined) return [mine, mine]
    expect(unsent.base.map(({ insert }) => insert).join(''), mine).toBe(theirs)
    return [
      mine,
      apply(plain(theirs), rebaseText(unsent.base, unsent.mine, plain(theirs), unsent.typed)).toString(),
    ]
  }

  it.each<[string, string, (text: Y.Text, office: Y.Text) => void, string]>([
    ['two words that were joined', 'The pipe line leaks.', t => t.delete(8, 1), 'The pipeline leaks.'],
    ['letters taken out of a word', 'The boiler leaks.', t => t.delete(6, 2), 'The boer leaks.'],
    [
      'what was typed between two words, with another space',
      'pipe leak',
      t => {
        t.delete(4, 1)
        t.insert(4, ' does not ')
      },
      'pipe does not leak',
    ],
    [
      'a word put right, and one after it',
      'The bioler laeks.',
      t => {
        t.delete(5, 2)
        t.insert(5, 'oi')
        t.delete(12, 2)
        t.insert(12, 'ea')
      },
      'The boiler leaks.',
    ],
    [
      'a word taken out where the office writes one much like it, and one behind that',
      'valve 2 ',
      (t, office) => {
        t.delete(0, 8)
        office.insert(8, 'valve 6 ')
        t.insert(8, 'valve 7 ')
      },
      'valve 6 valve 7 ',
    ],
    [
      'words taken out around what the office writes in their midst',
      'The old red pipe leaks.',
      (t, office) => {
        t.delete(4, 8)
        office.insert(8, 'very ')
      },
      'The very pipe leaks.',
    ],
    [
      'a word that the office has written since, taken out again',
      'The pipe leaks.',
      (t, office) => {
        t.insert(15, ' Badly.')
        office.insert(4, 'old ')
        t.delete(4, 3)
      },
      'The  pipe leaks. Badly.',
    ],
    [
      'a word that the office has shortened before, and I after it',
      'The pipeline leaks.',
      (t, office) => {
        t.insert(19, ' Badly.')
        office.delete(10, 2)
        t.delete(8, 2)
      },
      'The pipe leaks. Badly.',
    ],
    [
      'words taken out around a word that stood there already',
      'The red old pipe leaks.',
      (t, office) => {
        t.delete(4, 8)
        office.insert(8, 'red ')
      },
      'The red pipe leaks.',
    ],
  ])('%s: reads as it was left', (_, before, edits, left) => {
    expect(putBackAlone(before, edits)).toEqual([left, left])
  })

  it('what was taken out stays out also where an earlier version noted how it read, and not by which ids', () => {
    const asBefore = ({ entries, texts }: JournalState): JournalState => ({
      entries,
      texts: texts.map(([field, { base }]) => [field, { base }]),
    })
    const edits = (text: Y.Text): void => {
      text.delete(4, 8)
      text.insert(4, 'wet 😀 ')
    }
    const left = 'The wet 😀 pipe leaks.'
    expect(putBackAlone('The old red pipe leaks.', edits, asBefore)).toEqual([left, left])
  })

  const isTakenOut = (text: Y.Text, office: Y.Text, at: number): boolean => {
    const ids = [...shownItems(office)].flatMap(({ id, length }) =>
      Array.from({ length }, (_, i) => Y.createID(id.client, id.clock + i)),
    )
    return Y.getItem(text.doc?.store as never, ids[at] as Y.ID).deleted
  }

  it('letters deleted and typed anywhere in it read as they were left, whatever others write between them', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = createRandom(seed)
      const before = Array.from({ length: 1 + random.below(6) }, () =>
        random.pick(['pipe', 'leak', 'a', 'b', 'ab']),
      ).join(' ')
      const [mine, putBack] = putBackAlone(before, (text, office) => {
        const write = (): void => {
          const at = random.below(text.length + 1)
          if (at < text.length && random.chance(0.5))
            text.delete(at, Math.min(1 + random.below(3), text.length - at))
          else text.insert(at, random.pick(['a', ' ', 'b', 'ab', ' a ', '\n']))
        }
        const hear = (): void => {
          const at = random.below(office.length + 1)
          if (random.chance(0.5)) office.insert(at, random.pick(['a', 'leak ', ' c']))
          // What was taken out here already, and there as well, does not show here.
          else if (at < office.length && !isTakenOut(text, office, at)) office.delete(at, 1)
        }
        write()
        for (let i = random.below(6); i > 0; i--) random.pick([write, hear])()
      })
      expect(putBack, `seed ${seed}`).toBe(mine)
    }
  })

  it('keeps every character that I typed, and none that I deleted and they kept as it was', () => {
    fc.assert(
      fc.property(words, fc.nat(), fc.constantFrom('NEW', '新', '😎'), words, (base, at, typed, theirs) => {
        const places = [...base]
        const mine = places.toSpliced(at % (places.length + 1), 0, ` ${typed} `).join('')
        expect(merged(base, mine, theirs)).toContain(typed)
      }),
      { numRuns: 1000 },
    )
  })

  it('makes no half of a surrogate pair, and an edit that fits its text', () => {
    fc.assert(
      fc.property(anyText, anyText, anyText, (base, mine, theirs) => {
        const text = merged(base, mine, theirs)
        expect(valueProblem(text)).toBeNull()
        // Every grapheme's code points come from one of the three.
        const known = new Set([...base, ...mine, ...theirs])
        for (const char of text) expect(known.has(char)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  it('of millions of characters is put back in as few steps as it has changes', () => {
    const long = Array.from({ length: 400_000 }, (_, i) => `word${i}`).join(' ')
    const doc = new Y.Doc()
    doc.getText('body').insert(0, long)
    const Note = defineRecord('note', { fields: { body: text.rich({ max: 10_000_000 }) } })
    const unsent = collectUnsent(Note, doc, new Map([[doc.clientID, 10]]), null)
    expect(unsent.texts).toEqual([
      {
        field: 'body',
        base: [{ insert: long.slice(0, 10), attributes: {} }],
        mine: [{ insert: long }],
        typed: [[10, long.length]],
      },
    ])
    expect(rebaseText(plain(''), plain(long), plain('theirs'))).toEqual([
      { retain: 6 },
      { insert: long, attributes: {} },
    ])
    expect(rebaseText(plain(''), plain('mine'), plain(long))).toEqual([
      { retain: long.length },
      { insert: 'mine', attributes: {} },
    ])
    const words = long.slice(0, 100_000)
    expect(rebaseText(plain(words), plain(`first ${words} last`), plain(`${words}.`))).toEqual([
      { insert: 'first ', attributes: {} },
      { retain: words.length + 1 },
      { insert: ' last', attributes: {} },
    ])
  })

  it('brings its formats along, and keeps theirs', () => {
    const base: TextDelta = [{ insert: 'water pipe' }]
    const mine: TextDelta = [{ insert: 'water', attributes: { bold: true } }, { insert: ' pipe' }]
    const theirs: TextDelta = [{ insert: 'the water ' }, { insert: 'pipe', attributes: { italic: true } }]
    expect(apply(theirs, rebaseText(base, mine, theirs)).toDelta()).toEqual([
      { insert: 'the ' },
      { insert: 'water', attributes: { bold: true } },
      { insert: ' ' },
      { insert: 'pipe', attributes: { italic: true } },
    ])
  })

  it('takes a format off again where I took it off', () => {
    const base: TextDelta = [{ insert: 'water', attributes: { bold: true } }]
    const mine: TextDelta = [{ insert: 'water' }]
    const theirs: TextDelta = [{ insert: 'water', attributes: { bold: true } }, { insert: '!' }]
    expect(apply(theirs, rebaseText(base, mine, theirs)).toDelta()).toEqual([{ insert: 'water!' }])
  })

  it('keeps embeds', () => {
    const image = { image: 'a.png' }
    const ops = rebaseText(
      [{ insert: 'ab' }],
      [{ insert: 'a' }, { insert: image }, { insert: 'b' }],
      [{ insert: 'ab!' }],
    )
    expect(apply([{ insert: 'ab!' }], ops).toDelta()).toEqual([
      { insert: 'a' },
      { insert: image },
      { insert: 'b!' },
    ])
  })

  it('of two embeds, mine and theirs, at one place both stay', () => {
    const ops = rebaseText(
      [{ insert: 'ab' }],
      [{ insert: 'a' }, { insert: { image: '1' } }, { insert: 'b' }],
      [{ insert: 'a' }, { insert: { image: '2' } }, { insert: 'b' }],
    )
    const images = apply([{ insert: 'a' }, { insert: { image: '2' } }, { insert: 'b' }], ops)
      .toDelta()
      .filter((op: { insert: unknown }) => typeof op.insert === 'object')
    expect(images).toHaveLength(2)
  })
})
