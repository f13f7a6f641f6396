// The operations that are there whatever the record types are.

import { PUSH_PULL_TYPE } from '../../../shared/wire/push-pull.ts'
import {
  answers,
  bodyOf,
  header,
  json,
  jsonOf,
  limit,
  type Paths,
  param,
  query,
  text,
} from './operation-parts.ts'

const binary = { [PUSH_PULL_TYPE]: { schema: { type: 'string', format: 'binary' } } }
const file = { '*/*': { schema: { type: 'string', format: 'binary' } } }
const lines = { 'application/x-ndjson': { schema: text }, 'text/csv': { schema: text } }
const hash = {
  name: 'hash',
  in: 'path',
  required: true,
  schema: { type: 'string', pattern: '^[0-9a-f]{64}$' },
  description: 'SHA-256 of the bytes.',
}
const upload = { description: 'Where the upload stands.', ...jsonOf('Upload') }

export const generalPaths: Paths = {
  '/api/records': {
    post: {
      tags: ['many'],
      operationId: 'many',
      summary: 'Many things in one request, each by itself',
      parameters: [param('IdempotencyKey')],
      requestBody: bodyOf('Operations'),
      responses: answers({
        200: { description: 'What came of each, in their order.', ...jsonOf('Results') },
      }),
    },
  },
  '/api/export/{type}': {
    get: {
      tags: ['many'],
      operationId: 'exportRecords',
      summary: 'All records of a type that one may read, as they come',
      parameters: [
        { name: 'type', in: 'path', required: true, schema: text },
        query('format', { type: 'string', enum: ['jsonl', 'csv'] }),
        query('where', text),
      ],
      responses: answers({
        200: {
          description:
            'A line a record, by their ids, each as it is when its turn comes: what is made or changed meanwhile may be in it or not. An answer that is cut short lacks some.',
          content: lines,
        },
      }),
    },
  },
  '/api/import/{type}': {
    post: {
      tags: ['many'],
      operationId: 'importRecords',
      summary: 'Creates records, or changes those that are there',
      parameters: [{ name: 'type', in: 'path', required: true, schema: text }],
      requestBody: { required: true, content: lines },
      responses: answers({ 200: { description: 'What came of each line.', content: lines } }),
    },
  },
  '/api/blobs': {
    post: {
      tags: ['files'],
      operationId: 'announceFile',
      summary: 'Where to begin to send a file, or that it is here',
      requestBody: bodyOf('Announcement'),
      responses: answers({ 200: upload, 201: upload }),
    },
  },
  '/api/blobs/{hash}': {
    get: {
      tags: ['files'],
      operationId: 'readFile',
      summary: 'A file, or a range of it',
      parameters: [hash, header('Range', '`bytes=0-499`')],
      responses: answers({
        200: { description: 'The file.', content: file },
        206: { description: 'The range.', content: file },
      }),
    },
    put: {
      tags: ['files'],
      operationId: 'sendFile',
      summary: 'A file, all of it at once',
      parameters: [hash],
      requestBody: { required: true, content: file },
      responses: answers({ 200: upload, 201: upload }),
    },
  },
  '/api/blobs/{hash}/upload': {
    get: {
      tags: ['files'],
      operationId: 'readUpload',
      summary: 'How much of a file has arrived',
      parameters: [hash],
      responses: answers({ 200: upload }),
    },
    patch: {
      tags: ['files'],
      operationId: 'continueUpload',
      summary: 'The next piece',
      parameters: [
        hash,
        {
          ...header('Upload-Offset', 'Where the piece goes.'),
          required: true,
          schema: { type: 'integer', minimum: 0 },
        },
      ],
      requestBody: {
        required: true,
        content: { 'application/offset+octet-stream': { schema: { type: 'string', format: 'binary' } } },
      },
      responses: answers({ 200: upload }),
    },
    delete: {
      tags: ['files'],
      operationId: 'giveUpUpload',
      summary: 'Lets go of what has arrived of a file',
      parameters: [hash],
      responses: answers({ 204: { description: 'What had arrived is gone.' } }),
    },
  },
  '/api/blobs/{hash}/thumbnail': {
    get: {
      tags: ['files'],
      operationId: 'readThumbnail',
      summary: 'A small picture of a picture',
      parameters: [hash, query('size', { type: 'integer', enum: [96, 320, 1280], default: 320 })],
      responses: answers({ 200: { description: 'WebP.', content: { 'image/webp': { schema: text } } } }),
    },
  },
  '/api/sync/push': {
    post: {
      tags: ['sync'],
      operationId: 'push',
      summary: 'Updates of many records, in the binary form of the link',
      requestBody: { required: true, content: binary },
      responses: answers({ 200: { description: 'What came of them.', content: binary } }),
    },
  },
  '/api/sync/pull': {
    post: {
      tags: ['sync'],
      operationId: 'pull',
      summary: 'What many records have beyond state vectors',
      requestBody: { required: true, content: binary },
      responses: answers({ 200: { description: 'What is lacking.', content: binary } }),
    },
  },
  '/api/events': {
    get: {
      tags: ['events'],
      operationId: 'readEvents',
      summary: 'What happened, page by page or as a stream',
      parameters: [
        query('since', text, '`cursor` of the page before.'),
        query('type', text),
        query('record', text),
        query('gone', { type: 'boolean' }, 'An event `gone` too, of what one could read until then.'),
        query('wait', { type: 'integer', minimum: 0, maximum: 60 }, 'Seconds to wait for the first.'),
        limit({ least: 0, most: 1_000, unsaid: 100 }),
      ],
      responses: answers({
        200: {
          description:
            'Events, and the `cursor` to read on from. Where `reset` is true, what followed the cursor is no longer there: read the records again.',
          content: { ...json({ type: 'object' }), 'text/event-stream': { schema: text } },
        },
      }),
    },
  },
  '/api/lists': {
    get: {
      tags: ['lists'],
      operationId: 'followList',
      summary: 'The rows of a list, and then what changes of them, as a stream',
      parameters: [
        query('type', text, 'Of which records.'),
        query('belong', text, 'Instead of it: a record, as `project:1`, and all that belongs to it.'),
        query('where', text, 'A filter over row fields as JSON: `{"status":{"in":["open","waiting"]}}`.'),
        query('orderBy', text, 'A row field and a direction: `created:desc`.'),
        query(
          'limit',
          { type: 'integer', minimum: 0 },
          'Where nothing is said, 100 of a type, and all that belongs to a record.',
        ),
        query('cursor', text, '`cursor` of the rows before.'),
        query('count', { type: 'boolean' }, 'How many there are in all.'),
        query('groups', text, 'Row fields to count by, with commas.'),
        query('sums', text, 'Row fields to add up, with commas.'),
        query('presence', { type: 'boolean' }, 'Who is looking at each of the records.'),
      ],
      responses: answers({
        200: {
          description:
            'An event `rows` with all of them, then a `delta` for each change: rows that `enter`, `change` or `leave`, and `count`; `removed` names those that were deleted. Whoever comes back begins with `rows`. An event `error` says why the stream ends.',
          content: { 'text/event-stream': { schema: text } },
        },
      }),
    },
  },
  '/api/inbox/history': {
    get: {
      tags: ['inbox'],
      operationId: 'readNotices',
      summary: 'All that one was told and that is still kept, the latest first',
      parameters: [
        query('q', text, 'Words that must all occur.'),
        query('before', text, '`next` of the page before.'),
        limit({ least: 1, most: 200, unsaid: 50 }),
      ],
      responses: answers({ 200: { description: 'A page.', ...jsonOf('Notices') } }),
    },
  },
  '/api/inbox/push-key': {
    get: {
      tags: ['inbox'],
      operationId: 'readPushKey',
      summary: 'What a browser subscribes to: its applicationServerKey',
      responses: answers({
        200: {
          description: 'The public VAPID key.',
          content: json({ type: 'object', required: ['key'], properties: { key: text } }),
        },
      }),
    },
  },
  '/api/inbox/mail': {
    get: {
      tags: ['inbox'],
      operationId: 'readMailAddress',
      summary: 'Whether this server mails, and to which address of this person',
      responses: answers({
        200: {
          description: 'An address of null: none is known.',
          content: json({
            type: 'object',
            required: ['isMailed', 'address'],
            properties: { isMailed: { type: 'boolean' }, address: { type: ['string', 'null'] } },
          }),
        },
      }),
    },
  },
}
