/**
 * What does compression save, and what does it cost? What really crosses the wire of a record and of lists, by the
 * codec that carries it: messages of sockets, answers to requests. Small messages go as they are, by the threshold.
 */
import { randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import * as Y from 'yjs'
import { compressOnce, SharedMessage } from '../../server/link/shared-message.ts'
import { openRecord } from '../../shared/record/open-record.ts'
import { rowOf } from '../../shared/record/row.ts'
import { Ticket } from '../../shared/types/ticket.ts'
import { writeSyncAnswer } from '../../shared/wire/push-pull.ts'
import { writeSyncStep2, writeUpdate } from '../../shared/wire/sync-message.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const RUN_MS = isQuick ? 200 : 1_000
/** As the server is told when nothing is said; and as its answers are compressed. */
const ABOVE_BYTES = 1024
const GZIP_LEVEL = 4

interface Line {
  readonly what: string
  readonly codec: string
  readonly before: number
  readonly after: number
  readonly cpuMicros: number
}

const lines: Line[] = []
const gzipped = promisify(gzip)
const count = (n: number): string => Math.round(n).toLocaleString('en')

function report(line: Line): void {
  lines.push(line)
  if (isJson) return
  const saved = line.before - line.after
  const price =
    saved === 0 ? '' : `  ${((line.cpuMicros * 1024) / saved).toFixed(1).padStart(6)} µs a KB saved`
  const share = `${Math.round((100 * saved) / line.before)} %`
  const bytes = `${count(line.before).padStart(10)} → ${count(line.after).padStart(9)} B ${share.padStart(5)}`
  console.log(
    `${line.what.padEnd(46)}${line.codec.padEnd(15)}${bytes}  ${count(line.cpuMicros).padStart(7)} µs CPU${price}`,
  )
}

async function measure(run: () => Promise<number>): Promise<{ after: number; cpuMicros: number }> {
  let after = await run()
  const began = performance.now()
  const cpu = process.cpuUsage()
  let runs = 0
  while (performance.now() - began < RUN_MS) {
    after = await run()
    runs++
  }
  const { user, system } = process.cpuUsage(cpu)
  return { after, cpuMicros: (user + system) / runs }
}

async function socketMessage(what: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length <= ABOVE_BYTES) {
    report({ what, codec: 'as it is', before: bytes.length, after: bytes.length, cpuMicros: 0 })
    return
  }
  const outcome = await measure(async () => {
    const message = new SharedMessage(bytes)
    await compressOnce(message)
    return message.compressed?.length ?? bytes.length
  })
  report({ what, codec: 'deflate, once', before: bytes.length, ...outcome })
}

async function answer(what: string, bytes: Uint8Array): Promise<void> {
  const outcome = await measure(async () => (await gzipped(bytes, { level: GZIP_LEVEL })).length)
  report({ what, codec: 'gzip', before: bytes.length, ...outcome })
}

const WORDS =
  'the boiler leaks again since monday valve replaced site visited part ordered customer called'.split(' ')
const sentence = (n: number, words: number): string =>
  Array.from({ length: words }, (_, i) => WORDS[(n * 7 + i * 5 + ((n * i) % 11)) % WORDS.length]).join(' ')

/** A ticket as it is after so many comments and visits. */
function ticket(n: number, comments: number): ReturnType<typeof openRecord<typeof Ticket>> {
  const doc = new Y.Doc()
  const record = openRecord(Ticket, doc, { author: `user${n % 12}`, id: `${n}` })
  record.set({ title: sentence(n, 6), status: n % 3 === 0 ? 'in_progress' : 'open', site: `site:${n % 40}` })
  record.text('description').insert(0, sentence(n, 60))
  for (let i = 0; i < comments; i++) record.list('comments').add({ body: sentence(n + i, 14) })
  return record
}

const small = ticket(1, 4)
const large = ticket(2, 400)
let edit = new Uint8Array()
small.doc.on('update', (update: Uint8Array) => (edit = Uint8Array.from(update)))
small.set({ status: 'done' })
const many = Array.from({ length: 200 }, (_, n) => ticket(n, 4))
const rows = many.map(record => rowOf(Ticket, record.view, { updated: Date.now(), updatedBy: 'ana' }))

if (!isJson) console.log(`wire: ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`)
await socketMessage('an edit of one field', writeUpdate(edit, 7))
await socketMessage(
  'a ticket with 4 comments, whole (step 2)',
  writeSyncStep2(Y.encodeStateAsUpdate(small.doc), 7),
)
await socketMessage('a ticket with 400 comments, whole', writeSyncStep2(Y.encodeStateAsUpdate(large.doc), 7))
await socketMessage('200 rows of a live list', Buffer.from(JSON.stringify({ t: 'list', rows })))
await socketMessage('what cannot be compressed, 32 KB', writeUpdate(new Uint8Array(randomBytes(32 << 10)), 7))
await answer('200 rows over REST', Buffer.from(JSON.stringify({ rows })))
await answer(
  '200 tickets by one pull',
  writeSyncAnswer({
    time: Date.now(),
    records: many.map(({ doc }) => ({
      kind: 'open' as const,
      epoch: '0f6c1c3e92c4',
      commit: 7,
      readOnly: false,
      clientId: doc.clientID,
      held: null,
      messages: [writeSyncStep2(Y.encodeStateAsUpdate(doc), 7)],
    })),
  }),
)
if (isJson) console.log(JSON.stringify(lines))
