// What holds for each record type of the five systems, whatever it is about.

import { describe, expect, it } from 'vitest'
import type { RecordType } from '../../shared/record/record-type.ts'
import type { CellField, Field } from '../../shared/record/field.ts'
import type { OpenRecord } from '../../shared/record/open-record.ts'
import { rowOf } from '../../shared/record/row.ts'
import type { Value } from '../../shared/record/value.ts'
import { demoRecords } from '../../shared/types/demo-records.ts'
import { changeBy, deviceOf, meet, TEN_O_CLOCK } from './devices.ts'

const SAMPLES: { readonly [type: string]: (field: CellField<unknown, unknown>) => Value } = {
  line: () => 'EUR',
  oneOf: field => (field.spec.json.enum as string[]).at(-1) ?? null,
  ref: field => (field.spec.refType === 'user' ? 'ana' : `${field.spec.refType}:1`),
  money: () => 12_345,
  integer: () => 7,
  number: () => 2.5,
  bool: () => true,
  date: () => '2025-01-07',
  time: () => TEN_O_CLOCK,
  json: () => ({ client: 'Mr. White', phone: '', note: '' }),
  blob: field => ({
    hash: 'a'.repeat(64),
    type: field.spec.blob?.types[0]?.replace('*', 'png') ?? 'image/png',
    bytes: 9,
    name: 'a.png',
  }),
}

const sample = (field: Field): Value =>
  field.kind === 'cell' ? (SAMPLES[field.spec.type]?.(field) ?? null) : field.kind === 'set' ? ['ana'] : null

/** Something in every field there is. */
const fill = (record: OpenRecord<RecordType>): void => {
  const fields = Object.entries(record.type.fields)
  record.set(
    Object.fromEntries(
      fields.filter(([, field]) => field.kind === 'cell').map(([name, field]) => [name, sample(field)]),
    ) as never,
  )
  for (const [name, field] of fields) {
    if (field.kind === 'set') record.union(name as never).add('ana')
    if (field.kind === 'counter') record.counter(name as never).add(3)
    if (field.kind === 'text') record.text(name as never).insert(0, 'Once upon a time')
    if (field.kind === 'log' || field.kind === 'list') {
      const entry = Object.fromEntries(
        Object.entries(field.entry)
          .filter(([, part]) => part.kind !== 'counter')
          .map(([part, inner]) => [part, sample(inner as Field)]),
      )
      if (field.kind === 'log') record.log(name as never).add(entry as never)
      else record.list(name as never).add(entry as never)
    }
  }
}

const NEVER_UPDATED = { updated: null, updatedBy: '' }

describe.each(demoRecords.map(type => [type.name, type] as const))('%s', (_, type) => {
  it('has a row with every field that its lists order, filter and search by, empty or full', () => {
    const record = deviceOf<RecordType>(type, 'root', ['admin'])
    const declared = [...type.list.orders, ...type.list.equal, ...type.list.search]
    expect(declared.length).toBeGreaterThan(0)
    for (const fillIt of [() => {}, () => fill(record)]) {
      fillIt()
      const row = rowOf(type, record.view, NEVER_UPDATED)
      for (const field of declared) expect(row, field).toHaveProperty(field)
      expect(JSON.parse(JSON.stringify(row))).toEqual(row)
    }
  })

  it('has a row that does not change with the time of day', () => {
    const watch = { ms: TEN_O_CLOCK }
    const record = deviceOf<RecordType>(type, 'root', ['admin'], { watch })
    fill(record)
    const before = rowOf(type, record.view, NEVER_UPDATED)
    watch.ms += 400 * 86_400_000
    expect(rowOf(type, record.view, NEVER_UPDATED)).toEqual(before)
  })

  it('is shown alike by two who met, has a title, an event for every change, and sentences of words', () => {
    const record = deviceOf<RecordType>(type, 'root', ['admin'])
    const changes = [
      changeBy(record, () => fill(record)),
      changeBy(record, () => record.remove()),
      changeBy(record, () => record.restore()),
    ]
    for (const change of changes) {
      const signals = type.events(change)
      expect(signals.length).toBeGreaterThan(0)
      for (const signal of signals) expect(type.messages(signal, change.after).length).toBeGreaterThan(0)
      for (const { sentence } of type.notify(change)) expect(sentence).not.toMatch(/undefined|null|\[object/)
    }
    const other = deviceOf<RecordType>(type, 'ana', [])
    meet(record, other)
    expect(other.view).toEqual(record.view)
    expect(type.title(record.view).trim()).not.toBe('')
  })
})

it('there are no two types of one name', () => {
  expect(new Set(demoRecords.map(({ name }) => name)).size).toBe(demoRecords.length)
})

it('what belongs to another record has a field that refers to it', () => {
  const belonging = demoRecords.flatMap(({ name, belongsTo, fields }) => {
    const field = belongsTo === null ? undefined : fields[belongsTo]
    return field?.kind === 'cell' ? [`${name} → ${field.spec.refType}`] : []
  })
  expect(belonging).toEqual([
    'bordereau → project',
    'periode → project',
    'metre → project',
    'decompt → project',
    'photo → project',
    'pv → project',
    'attachment → project',
    'shipment → ticket',
  ])
})
