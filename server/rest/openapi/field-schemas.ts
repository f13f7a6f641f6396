import type { RecordType } from '../../../shared/record/record-type.ts'
import type {
  CellField,
  EntryFields,
  Field,
  JsonSchema,
  ListField,
  LogField,
  LogFields,
} from '../../../shared/record/field.ts'
import { emptyRow } from '../../../shared/record/row.ts'
import { unreachable } from '../../../shared/unreachable.ts'

/** What a type's fields look like over REST: as they are shown, as they are written, and as lists show them. */
export function viewSchema(type: RecordType): JsonSchema {
  const derived = Object.keys(type.derive).map(name => [
    name,
    { description: 'Computed from the other fields.', readOnly: true },
  ])
  return {
    type: 'object',
    required: ['id', ...Object.keys(type.fields)],
    properties: {
      id: { type: 'string' },
      created: { type: ['integer', 'null'], description: 'Milliseconds since 1970.' },
      createdBy: { type: 'string' },
      removed: { type: 'boolean' },
      ...mapped(type.fields, shownField),
      ...Object.fromEntries(derived),
    },
  }
}

/** Only what is named is written. */
export function patchSchema(type: RecordType): JsonSchema {
  return {
    type: 'object',
    properties: mapped(writable(type), field => writtenField(field, false)),
    patternProperties: {
      '^[^/]+/.+': { description: 'One register by its path: `items/7f3/quantity`, `tags/urgent`.' },
    },
    additionalProperties: false,
  }
}

export function createSchema(type: RecordType): JsonSchema {
  const required = Object.entries(type.fields).flatMap(([name, field]) =>
    field.kind === 'cell' && field.required ? [name] : [],
  )
  return {
    type: 'object',
    ...(required.length === 0 ? {} : { required }),
    properties: {
      id: {
        type: 'string',
        minLength: 1,
        maxLength: 200,
        description: 'Made by the server where it is left out.',
      },
      ...mapped(writable(type), field => writtenField(field, true)),
    },
    additionalProperties: false,
  }
}

export function rowSchema(type: RecordType): JsonSchema {
  const row = rowOfNothing(type)
  const own = Object.keys(row).filter(key => !Object.hasOwn(rowMeta, key))
  return {
    type: 'object',
    required: Object.keys(rowMeta),
    properties: { ...rowMeta, ...Object.fromEntries(own.map(key => [key, rowField(type, key)])) },
  }
}

export function argsSchema(args: LogFields): JsonSchema {
  return { type: 'object', properties: mapped(args, writtenCell), additionalProperties: false }
}

const rowMeta: Readonly<Record<string, JsonSchema>> = {
  id: { type: 'string' },
  created: { type: ['integer', 'null'], description: 'Milliseconds since 1970.' },
  createdBy: { type: 'string' },
  updated: { type: ['integer', 'null'] },
  updatedBy: { type: 'string' },
}

function rowField(type: RecordType, key: string): JsonSchema {
  const field = type.fields[key]
  return field === undefined || (field.kind !== 'cell' && field.kind !== 'set') ? {} : shownField(field)
}

/** The keys of a row are what its function gives for a record in which nothing has been written. */
function rowOfNothing(type: RecordType): Readonly<Record<string, unknown>> {
  try {
    return emptyRow(type)
  } catch {
    return {}
  }
}

/** A deprecated field is still shown, and written no more. */
function writable(type: RecordType): Readonly<Record<string, Field>> {
  return Object.fromEntries(
    Object.entries(type.fields).filter(([, field]) => field.kind !== 'cell' || field.deprecatedFor === null),
  )
}

function shownField(field: Field): JsonSchema {
  switch (field.kind) {
    case 'cell':
      return shownCell(field)
    case 'set':
      return { type: 'array', items: field.element.spec.json, uniqueItems: true }
    case 'counter':
      return { type: 'integer' }
    case 'text':
      return { type: 'string' }
    case 'list':
    case 'log':
      return { type: 'array', items: shownEntry(field) }
    default:
      return unreachable(field)
  }
}

function shownCell({ spec, initial, required, deprecatedFor }: CellField<unknown, unknown>): JsonSchema {
  // A required field is empty for as long as what created the record has not arrived.
  const { minLength: _, ...json } = spec.json
  const schema = required || initial !== null ? json : orNull(json)
  const notes = initial === null ? {} : { default: initial }
  return deprecatedFor === null ? { ...schema, ...notes } : { ...schema, ...notes, deprecated: true }
}

function shownEntry(field: ListField<EntryFields> | LogField<LogFields>): JsonSchema {
  const entry: EntryFields = field.entry
  const isOrdered = field.kind === 'list' && field.order === 'manual'
  return {
    type: 'object',
    required: ['id', 'by', 'at'],
    properties: {
      id: { type: 'string' },
      by: { type: 'string', description: 'Who added it.' },
      at: { type: 'integer', description: 'When, in milliseconds since 1970.' },
      ...(isOrdered ? { pos: { type: 'string', description: 'Where it stands among the others.' } } : {}),
      ...mapped(entry, shownField),
    },
  }
}

function writtenField(field: Field, isNew: boolean): JsonSchema {
  switch (field.kind) {
    case 'cell':
      return writtenCell(field)
    case 'set':
      return writtenSet(field.element.spec.json)
    case 'counter':
      return added()
    case 'text':
      return {
        anyOf: [
          { type: 'string', maxLength: field.charsMax },
          {
            type: 'object',
            description: 'What was shown, and what it shall be: merged with what came since.',
            required: ['from', 'to'],
            properties: { from: { type: 'string' }, to: { type: 'string', maxLength: field.charsMax } },
            additionalProperties: false,
          },
        ],
      }
    case 'list':
      return writtenList(field, isNew)
    case 'log':
      return {
        anyOf: [
          { type: 'array', items: writtenParts(field.entry, true, {}) },
          {
            type: 'object',
            description: 'By id.',
            additionalProperties: writtenParts(field.entry, false, {}),
          },
        ],
      }
    default:
      return unreachable(field)
  }
}

function writtenCell({ spec, required }: CellField<unknown, unknown>): JsonSchema {
  return required ? spec.json : orNull(spec.json)
}

function writtenSet(element: JsonSchema): JsonSchema {
  const elements = { type: 'array', items: element }
  return {
    anyOf: [
      elements,
      { type: 'object', properties: { add: elements, remove: elements }, additionalProperties: false },
    ],
  }
}

function added(): JsonSchema {
  return {
    type: 'object',
    required: ['add'],
    properties: { add: { type: 'integer' } },
    additionalProperties: false,
  }
}

function writtenList(field: ListField<EntryFields>, isNew: boolean): JsonSchema {
  const place =
    field.order === 'manual'
      ? { $at: { type: 'integer', minimum: 0, description: 'Where it is to stand among the others.' } }
      : {}
  const byId = {
    type: 'object',
    description: 'By id; an id that is not there is added, null removes.',
    additionalProperties: { anyOf: [writtenParts(field.entry, false, place), { type: 'null' }] },
  }
  const adding = { type: 'array', description: 'Adds these.', items: writtenParts(field.entry, true, place) }
  return { anyOf: isNew ? [adding, byId] : [byId, adding] }
}

/** A counter of an entry begins at a number, and is added to later. */
function writtenParts(entry: EntryFields, isNew: boolean, more: JsonSchema): JsonSchema {
  const parts = mapped(entry, part => {
    if (part.kind === 'counter') return { anyOf: [{ type: 'integer' }, added()] }
    return part.kind === 'set' ? writtenSet(part.element.spec.json) : writtenCell(part)
  })
  const meta = isNew ? { id: { type: 'string' }, by: {}, at: {}, pos: {} } : {}
  return { type: 'object', properties: { ...meta, ...parts, ...more }, additionalProperties: false }
}

function orNull(schema: JsonSchema): JsonSchema {
  return Object.keys(schema).length === 0 ? {} : { anyOf: [schema, { type: 'null' }] }
}

function mapped<T>(
  fields: Readonly<Record<string, T>>,
  schema: (field: T) => JsonSchema,
): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, schema(field)]))
}
