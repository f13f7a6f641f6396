/**
 * What does an update cost the server (judge, apply, commit to memory) once many tab sessions have written the record,
 * each under a client id of its own; and what once the record was folded?
 */
import { cpus } from 'node:os'
import { openRecord } from '../../shared/record/open-record.ts'
import { DirectPeer, person, recordUpdates } from '../guard/guarded-room.ts'
import { writtenBySessions } from '../room/many-sessions.ts'
import { RoomServer } from '../room/room-server.ts'
import { Ticket } from '../room/ticket.ts'

const isQuick = process.argv.includes('--quick')
const isJson = process.argv.includes('--json')
const UPDATES = isQuick ? 60 : 300
const SESSIONS = isQuick ? [10, 500] : [10, 1_000, 5_000]
/** The best of so many rounds: what else the machine does only ever adds. */
const ROUNDS = 5

interface Line {
  readonly sessions: number
  readonly isFolded: boolean
  readonly micros: number
}

const lines: Line[] = []

async function costOf(server: RoomServer, room: string): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < ROUNDS; round++) {
    const peer = await new DirectPeer(person('ben', 'office')).join(server, room)
    await server.settled()
    peer.doc.clientID = peer.membership?.info.clientId ?? 0
    const record = openRecord(Ticket, peer.doc, { author: 'ben' })
    const updates = recordUpdates(peer.doc, () => {
      for (let i = 0; i < UPDATES; i++) record.set({ status: i % 2 === 0 ? 'open' : 'waiting' })
    })
    const cpu = process.cpuUsage()
    for (const update of updates) {
      peer.update(update)
      await server.settled()
    }
    const { user, system } = process.cpuUsage(cpu)
    best = Math.min(best, (user + system) / updates.length)
    if (peer.refused.length > 0) throw new Error(`refused: ${peer.refused[0]?.sentence}`)
    peer.membership?.leave()
  }
  return best
}

function report(line: Line): void {
  lines.push(line)
  if (isJson) return
  const of = `an update to a record that ${line.sessions.toLocaleString('en')} tab sessions wrote${line.isFolded ? ', folded' : ''}`
  const times = line.micros / (lines[0]?.micros ?? line.micros)
  console.log(
    `${of.padEnd(66)}${Math.round(line.micros).toLocaleString('en').padStart(8)} µs CPU   × ${times.toFixed(1)}`,
  )
}

async function measure(sessions: number, tell: (line: Line) => void): Promise<void> {
  const server = new RoomServer([Ticket], {
    limits: {
      clientIdsFold: Number.POSITIVE_INFINITY,
      clientIdsPerUserAndRecord: Number.POSITIVE_INFINITY,
    },
  })
  await server.start()
  await server.committer.submit(writtenBySessions('1', sessions))
  tell({ sessions, isFolded: false, micros: await costOf(server, 'ticket:1') })
  await (await server.rooms.open('ticket:1')).fold()
  tell({ sessions, isFolded: true, micros: await costOf(server, 'ticket:1') })
  await server.close()
}

if (!isJson) console.log(`room: ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, Node ${process.version}`)
// Compiled by then, or the first would be the dearest.
await measure(10, () => {})
for (const sessions of SESSIONS) await measure(sessions, report)
const ten = lines[0]?.micros ?? 0
const isDear = lines.some(({ isFolded, micros }) => isFolded && micros > 3 * ten)
if (isJson) console.log(JSON.stringify(lines))
else
  console.log(
    isDear
      ? 'MISSED: folded, an update costs what it did at 10'
      : 'met: folded, an update costs what it did at 10',
  )
process.exitCode = isDear && !isQuick ? 1 : 0
