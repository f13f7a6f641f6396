// What an attacker sends, with raw bytes, whatever carries them.

import type * as Y from 'yjs'
import { createClock } from '../../shared/index.ts'
import { type RawBlock, type RawId, rawUpdate } from './raw-update.ts'

/** Under which client id the attacker writes. */
export const MALLORY = 4242

/** The record as somebody honest has it, who wrote a text besides cells, and the attacker's hand. */
export class AttackScene {
  readonly #doc: Y.Doc
  readonly stamp = createClock().next()

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  get honestClient(): number {
    return this.#doc.clientID
  }

  cell(path: string, value: unknown, author = 'mallory', at = this.stamp): unknown[] {
    return [path, value, at, author]
  }

  lastCell(): RawId {
    const item = this.#doc.getArray('cells')._start
    if (item === null) throw new Error('no cell')
    return { client: item.id.client, clock: item.id.clock + item.length - 1 }
  }

  textId(): RawId {
    const item = this.#doc.getText('description')._start
    if (item === null) throw new Error('no text')
    return { client: item.id.client, clock: item.id.clock }
  }

  push(...cells: unknown[][]): RawBlock {
    return { client: MALLORY, clock: 0, structs: [{ any: cells, origin: this.lastCell() }] }
  }
}

/** Refused whole, as forged or malformed, wherever it comes from. */
export const structuralAttacks: readonly [
  what: string,
  code: string,
  bytes: (scene: AttackScene) => Uint8Array,
][] = [
  [
    'two blocks for one client id',
    'MALFORMED',
    s => rawUpdate([s.push(s.cell('status', 'done')), s.push(s.cell('status', 'open'))]),
  ],
  [
    'fewer blocks than were announced',
    'MALFORMED',
    s => rawUpdate([s.push(s.cell('status', 'done'))], [], 2),
  ],
  ['bytes that are no update', 'MALFORMED', () => Uint8Array.of(255, 255, 255, 255, 15, 1, 2, 3)],
  [
    'a huge clock',
    'MALFORMED',
    s => rawUpdate([{ client: MALLORY, clock: 2 ** 40, structs: [{ any: [s.cell('status', 'done')] }] }]),
  ],
  [
    'a huge deleted item',
    'MALFORMED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ deleted: 2 ** 33 }] }]),
  ],
  [
    'a huge deleted range',
    'MALFORMED',
    s => rawUpdate([], [{ client: s.honestClient, clock: 0, len: 2 ** 40 }]),
  ],
  [
    'ranges that are deleted twice',
    'MALFORMED',
    s => {
      const { client, clock } = s.textId()
      return rawUpdate(
        [],
        [
          { client, clock, len: 2 },
          { client, clock: clock + 1, len: 2 },
        ],
      )
    },
  ],
  [
    'collected ids of its own',
    'MALFORMED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ gc: 3 }] }]),
  ],
  [
    'a root of its own',
    'FORGED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ any: [1], parent: 'evil' }] }]),
  ],
  [
    'a key of the cells as if they were a map',
    'FORGED',
    s =>
      rawUpdate([
        {
          client: MALLORY,
          clock: 0,
          structs: [{ any: [s.cell('status', 'done')], parent: 'cells', parentSub: 'k' }],
        },
      ]),
  ],
  [
    'a nested type',
    'FORGED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ type: 0, parent: 'cells' }] }]),
  ],
  [
    'an item inside an item',
    'FORGED',
    s =>
      rawUpdate([
        { client: MALLORY, clock: 0, structs: [{ any: [s.cell('status', 'done')], parent: s.lastCell() }] },
      ]),
  ],
  [
    'a subdocument',
    'FORGED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ subdoc: 'guid', parent: 'cells' }] }]),
  ],
  [
    'binary among the cells',
    'FORGED',
    () =>
      rawUpdate([{ client: MALLORY, clock: 0, structs: [{ binary: Uint8Array.of(1), parent: 'cells' }] }]),
  ],
  [
    'text among the cells',
    'FORGED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ string: 'x', parent: 'cells' }] }]),
  ],
  [
    'old JSON content',
    'FORGED',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ json: [1], parent: 'cells' }] }]),
  ],
  [
    'cells in a text',
    'FORGED',
    s =>
      rawUpdate([
        { client: MALLORY, clock: 0, structs: [{ any: [s.cell('status', 'done')], parent: 'description' }] },
      ]),
  ],
  [
    'neighbours in two roots',
    'FORGED',
    s =>
      rawUpdate([
        {
          client: MALLORY,
          clock: 0,
          structs: [{ any: [s.cell('status', 'done')], origin: s.lastCell(), right: s.textId() }],
        },
      ]),
  ],
  [
    'a cell moved to another root by its origin',
    'FORGED',
    s =>
      rawUpdate([
        { client: MALLORY, clock: 0, structs: [{ any: [s.cell('status', 'done')], origin: s.textId() }] },
      ]),
  ],
  ['an element that is no cell', 'MALFORMED', s => rawUpdate([s.push(['status', 'done'])])],
  ['a path that is not canonical', 'MALFORMED', s => rawUpdate([s.push(s.cell('%73tatus', 'done'))])],
  [
    'a value with __proto__',
    'MALFORMED',
    s => rawUpdate([s.push(s.cell('status', JSON.parse('{"__proto__": {"a": 1}}')))]),
  ],
  ['a BigInt', 'MALFORMED', s => rawUpdate([s.push(s.cell('status', 5n))])],
  ['NaN', 'MALFORMED', s => rawUpdate([s.push(s.cell('quote', Number.NaN))])],
  ['undefined', 'MALFORMED', s => rawUpdate([s.push(s.cell('status', undefined))])],
  ['binary as a value', 'MALFORMED', s => rawUpdate([s.push(s.cell('status', Uint8Array.of(1)))])],
  ['a value a thousand levels deep', 'MALFORMED', s => rawUpdate([s.push(s.cell('status', nested(1000)))])],
  [
    'a stamp that is no safe integer',
    'MALFORMED',
    s => rawUpdate([s.push(s.cell('status', 'done', 'mallory', 1.5))]),
  ],
  ['somebody else’s name', 'AUTHOR_MISMATCH', s => rawUpdate([s.push(s.cell('status', 'done', 'ana'))])],
  ['the server’s name', 'FORGED', s => rawUpdate([s.push(s.cell('status', 'done', '$server'))])],
  ['a witness', 'FORGED', s => rawUpdate([s.push(s.cell('$w/claimedBy', [[MALLORY, 0, 1]]))])],
  ['the result of an action', 'FORGED', s => rawUpdate([s.push(s.cell('$results/1', { ok: true }))])],
  ['a share of somebody else’s counter', 'FORGED', s => rawUpdate([s.push(s.cell('partsUsed/77', 5))])],
  ['a pure delete', 'FORGED', s => rawUpdate([], [{ ...s.lastCell(), len: 1 }])],
  [
    'a delete explained by another path',
    'FORGED',
    s => rawUpdate([s.push(s.cell('priority', 'low'))], [{ ...s.lastCell(), len: 1 }]),
  ],
  [
    'an embed that is not declared',
    'BAD_VALUE',
    () =>
      rawUpdate([{ client: MALLORY, clock: 0, structs: [{ embed: { script: 1 }, parent: 'description' }] }]),
  ],
  ...[null, 5, '', [], {}].map((embed): (typeof structuralAttacks)[number] => [
    `an embed that is ${JSON.stringify(embed)}`,
    'BAD_VALUE',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ embed, parent: 'description' }] }]),
  ]),
  ...['javascript:alert(1)', ' Java\tScript:alert(1)', '\u0001vbscript:x', { to: ['javascript:x'] }].map(
    (link): (typeof structuralAttacks)[number] => [
      `a link that runs a script: ${JSON.stringify(link)}`,
      'BAD_VALUE',
      () =>
        rawUpdate([
          { client: MALLORY, clock: 0, structs: [{ format: ['link', link], parent: 'description' }] },
        ]),
    ],
  ),
  ...(['name', 'value'] as const).map((part): (typeof structuralAttacks)[number] => [
    `a format larger than a value may be, by its ${part}`,
    'TOO_LARGE',
    () => {
      const long = 'x'.repeat(70_000)
      const format = part === 'name' ? ([long, true] as const) : (['link', long] as const)
      return rawUpdate([{ client: MALLORY, clock: 0, structs: [{ format, parent: 'description' }] }])
    },
  ]),
  [
    'a format in a plain text',
    'BAD_VALUE',
    () => rawUpdate([{ client: MALLORY, clock: 0, structs: [{ format: ['bold', true], parent: 'notes' }] }]),
  ],
]

/** Rests on what the room does not know yet: asked for, and held against nobody. */
export const unknownPasts: readonly [what: string, bytes: (scene: AttackScene) => Uint8Array][] = [
  ['a gap in the clocks', s => rawUpdate([{ ...s.push(s.cell('status', 'done')), clock: 5 }])],
  [
    'a skip over unknown ids',
    s =>
      rawUpdate([
        {
          client: MALLORY,
          clock: 0,
          structs: [{ skip: 5 }, { any: [s.cell('status', 'done')], parent: 'cells' }],
        },
      ]),
  ],
  [
    'an unknown origin',
    s =>
      rawUpdate([
        {
          client: MALLORY,
          clock: 0,
          structs: [{ any: [s.cell('status', 'done')], origin: { client: 99, clock: 0 } }],
        },
      ]),
  ],
  [
    'an unknown right origin',
    s =>
      rawUpdate([
        {
          client: MALLORY,
          clock: 0,
          structs: [{ any: [s.cell('status', 'done')], right: { client: 99, clock: 0 } }],
        },
      ]),
  ],
  ['a delete of unknown ids', () => rawUpdate([], [{ client: 99, clock: 0, len: 1 }])],
]

/** Well-formed, and not allowed: refused by path, and no offence. */
export const forbiddenCells: readonly [
  what: string,
  code: string,
  path: string,
  bad: (scene: AttackScene) => unknown[],
][] = [
  ['a field of a later schema', 'SCHEMA_OLDER', 'color', s => s.cell('color', 'red')],
  ['a value that is none of the choices', 'BAD_VALUE', 'status', s => s.cell('status', 'nope')],
  ['a required field cleared', 'BAD_VALUE', 'title', s => s.cell('title', null)],
  ['a price by somebody outside the office', 'NOT_PERMITTED', 'quote', s => s.cell('quote', 100)],
  ['a derived field', 'READ_ONLY_FIELD', 'openSteps', s => s.cell('openSteps', 100)],
  [
    'a clock that runs ahead',
    'CLOCK_AHEAD',
    'status',
    s => s.cell('status', 'done', 'mallory', (Date.now() + 120_000) * 1024),
  ],
  ['a cell that is too large', 'BAD_VALUE', 'title', s => s.cell('title', 'x'.repeat(100_000))],
  ['removing the record without the right to', 'NOT_PERMITTED', '', s => s.cell('', { seen: {} })],
]

const nested = (levels: number): unknown => {
  let value: unknown = 1
  for (let i = 0; i < levels; i++) value = [value]
  return value
}
