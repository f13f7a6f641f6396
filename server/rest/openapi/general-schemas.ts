// The schemas that are there whatever the record types are.

import type { JsonSchema } from '../../../shared/record/field.ts'
import { errorCodes } from '../../../shared/wire/error-codes.ts'
import { purgedName, text } from './operation-parts.ts'

export const generalSchemas: Readonly<Record<string, JsonSchema>> = {
  Problem: {
    type: 'object',
    required: ['type', 'title', 'status', 'detail', 'code', 'paths', 'retry'],
    properties: {
      type: text,
      title: text,
      status: { type: 'integer' },
      detail: { type: 'string', description: 'What to do, for a person.' },
      code: { type: 'string', enum: Object.keys(errorCodes) },
      paths: { type: 'array', items: text, description: 'The fields concerned.' },
      retry: { type: 'boolean', description: 'The same, sent again later, may succeed.' },
    },
  },
  Shown: {
    type: 'object',
    properties: {
      room: text,
      type: text,
      id: text,
      epoch: text,
      commit: { type: 'integer' },
      created: { type: ['string', 'null'], format: 'date-time' },
      createdBy: text,
      updated: { type: ['string', 'null'], format: 'date-time' },
      updatedBy: text,
      removed: { type: 'boolean' },
      conflicts: { type: 'array', items: { $ref: '#/components/schemas/Conflict' } },
    },
    required: ['room', 'epoch', 'commit'],
  },
  Conflict: {
    type: 'object',
    description: 'Values that nobody has chosen between; the first is shown.',
    required: ['kind', 'path', 'values'],
    properties: {
      kind: { type: 'string', enum: ['values', 'edited while removed'] },
      path: text,
      values: {
        type: 'array',
        items: {
          type: 'object',
          properties: { value: {}, by: text, at: { type: 'string', format: 'date-time' } },
        },
      },
    },
  },
  Page: {
    type: 'object',
    required: ['type', 'rows', 'cursor'],
    properties: {
      type: text,
      rows: { type: 'array', items: { type: 'object' } },
      cursor: { type: ['string', 'null'], description: 'Null: there is no more.' },
      total: { type: 'integer' },
      groups: { type: 'object' },
      sums: { type: 'object' },
    },
  },
  Restore: { type: 'object', properties: { path: { ...text, description: 'An entry: `times/7f3`.' } } },
  RestorePast: {
    type: 'object',
    properties: {
      path: { ...text, description: 'A field, or an entry: `times/7f3`. Left out: all of the record.' },
      seq: { type: 'integer', minimum: 1, description: 'After the event of this number.' },
      at: { type: ['integer', 'string'], description: 'Or at this time: milliseconds, or an ISO date.' },
    },
  },
  Restored: {
    type: 'object',
    required: ['paths', 'kept', 'epoch', 'commit'],
    properties: {
      paths: { type: 'array', items: text, description: 'What was written.' },
      kept: {
        type: 'array',
        description: 'What stays as it is now.',
        items: { type: 'object', properties: { path: text, why: text } },
      },
      epoch: text,
      commit: { type: 'integer' },
    },
  },
  Notices: {
    type: 'object',
    required: ['items', 'next'],
    properties: {
      items: { type: 'array', items: { type: 'object' } },
      next: { type: ['string', 'null'], description: 'Null: there are no more.' },
    },
  },
  ActionAnswer: {
    type: 'object',
    required: ['id', 'state'],
    properties: {
      id: text,
      state: { type: 'string', enum: ['requested', 'accepted', 'refused'] },
      result: {},
    },
  },
  Operations: {
    type: 'object',
    required: ['operations'],
    properties: {
      operations: {
        type: 'array',
        description: 'At most 500, unless the server is told another limit (operationsPerRequest).',
        items: {
          type: 'object',
          required: ['op', 'type'],
          properties: {
            op: { type: 'string', enum: ['read', 'create', 'patch', 'remove', 'restore', 'act'] },
            type: text,
            id: text,
            values: { type: 'object' },
            again: { type: 'boolean', description: purgedName },
            patch: { type: 'object' },
            path: text,
            action: text,
            args: { type: 'object' },
            request: { ...text, description: 'An id for the request of an action.' },
            ifMatch: text,
            basis: text,
            idempotencyKey: text,
          },
        },
      },
    },
  },
  Results: {
    type: 'object',
    required: ['results'],
    properties: {
      results: {
        type: 'array',
        items: {
          type: 'object',
          required: ['status', 'headers', 'body'],
          properties: { status: { type: 'integer' }, headers: { type: 'object' }, body: {} },
        },
      },
    },
  },
  Announcement: {
    type: 'object',
    required: ['hash', 'bytes', 'type'],
    properties: {
      hash: { type: 'string', pattern: '^[0-9a-f]{64}$' },
      bytes: { type: 'integer', minimum: 0 },
      type: { ...text, description: 'Media type, as image/jpeg.' },
      record: { ...text, description: 'The record that is to refer to it, as type:id.' },
      path: { ...text, description: 'The field of it.' },
    },
  },
  Upload: {
    type: 'object',
    required: ['hash', 'bytes', 'offset', 'state'],
    properties: {
      hash: text,
      bytes: { type: 'integer' },
      offset: { type: 'integer' },
      state: { type: 'string', enum: ['stored', 'uploading'] },
    },
  },
}
