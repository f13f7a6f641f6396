// What a socket understands, answers and refuses, beside `ws` as the oracle: the same frames to both, cut anywhere. Ours
// gets some of them compressed; in `ws` (8.23) a fragment of such a message can end the process.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { constants, deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { defaultLimits } from '../../server/access/limits.ts'
import { readFirstBytes } from '../../server/link/first-bytes.ts'
import type { Endpoint } from '../../server/link/sockets.ts'
import { createRandom, type Random } from '../../server/simulate/random.ts'
import { clientFrame, framesOf, openRawWebSocket } from './raw-web-socket.ts'
import { startWireServer, until, type WireServer } from './wire-server.ts'

const MESSAGE_BYTES = 300_000
const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits'
const PATIENT = { updatesPerSecond: 1e6, updateBurst: 1e6 }

/** By the path of the socket, what its server understood. */
const understood = new Map<string, string[]>()
const note = (path: string, message: Uint8Array | string): void => {
  const isText = typeof message === 'string'
  const bytes = Buffer.from(isText ? message : message)
  const known = understood.get(path) ?? []
  known.push(
    `${isText ? 'text' : 'bytes'} ${bytes.length} ${bytes.subarray(0, 40).toString('hex')} ${sumOf(bytes)}`,
  )
  understood.set(path, known)
}

const sumOf = (bytes: Buffer): number => {
  let sum = 0
  for (const byte of bytes) sum = (sum * 31 + byte) | 0
  return sum
}

const listener: Endpoint = {
  kind: 'listener',
  hasChannels: false,
  authenticatesItself: true,
  serves: () => true,
  open: ({ path }) => ({
    message: bytes => note(`ours${path}`, bytes),
    text: text => note(`ours${path}`, text),
    closed() {},
  }),
}

let ours: WireServer
let oracle: Server
let oracleUrl: string

beforeAll(async () => {
  const limits = { ...defaultLimits, ...PATIENT, messageBytes: MESSAGE_BYTES }
  ours = await startWireServer([listener], { limits })
  readFirstBytes(ours.server)
  oracle = createServer()
  const sockets = new WebSocketServer({
    server: oracle,
    maxPayload: MESSAGE_BYTES,
  })
  sockets.on('connection', (socket, { url = '' }) => {
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      if (!Buffer.isBuffer(data)) throw new TypeError('not a buffer')
      note(`oracle${url}`, isBinary ? data : data.toString())
    })
  })
  await new Promise<void>(resolve => oracle.listen(0, '127.0.0.1', resolve))
  // An address of a listening TCP server is never a string.
  oracleUrl = `ws://127.0.0.1:${(oracle.address() as AddressInfo).port}`
})

afterAll(async () => {
  await ours.close()
  oracle.closeAllConnections()
  await new Promise(resolve => oracle.close(resolve))
})

const FIN = 0x80
const RSV1 = 0x40

const bytesFor = (random: Random, length: number): Buffer => {
  const start = random.below(256)
  return Buffer.from(Array.from({ length }, (_, i) => (start + i * 7) & 0xff))
}
const textFor = (random: Random, length: number): Buffer =>
  Buffer.from('aж€😀'.repeat(length).slice(0, length + random.below(2) * 2))
const sizeFor = (random: Random): number =>
  random.pick([0, 1, 3, 60, 64, 67, 125, 126, 127, 300, 65_535, 65_536, 70_001])
const compressed = (payload: Buffer): Buffer =>
  deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)

const cut = (random: Random, payload: Buffer): readonly Buffer[] => {
  const at = random.below(payload.length + 1)
  const between = at + random.below(payload.length + 1 - at)
  return [payload.subarray(0, at), payload.subarray(at, between), payload.subarray(between)]
}

/** A message in one frame or three, with a ping in between. */
const messageFrames = (random: Random, compresses: boolean): Buffer => {
  const isText = random.chance(0.5)
  const plain = isText
    ? textFor(random, Math.min(20_000, sizeFor(random)))
    : bytesFor(random, sizeFor(random))
  const isCompressed = random.chance(0.4) && compresses
  const payload = isCompressed ? compressed(plain) : plain
  const first = (isCompressed ? RSV1 : 0) | (isText ? 1 : 2)
  if (random.chance(0.6)) return clientFrame(FIN | first, payload)
  const [a = plain, b = plain, c = plain] = cut(random, payload)
  const ping = random.chance(0.5)
    ? clientFrame(FIN | 9, bytesFor(random, random.below(126)))
    : Buffer.alloc(0)
  return Buffer.concat([clientFrame(first, a), ping, clientFrame(0, b), clientFrame(FIN, c)])
}

const close = (code: number, reason: Uint8Array = Buffer.alloc(0)): Buffer => {
  const payload = Buffer.concat([Buffer.alloc(2), reason])
  payload.writeUInt16BE(code)
  return clientFrame(FIN | 8, payload)
}

/** What the rules forbid, each in a way of its own. */
const wrong = (random: Random): Buffer => {
  const some = bytesFor(random, 5)
  const text = textFor(random, 5)
  const frames: readonly (() => Buffer)[] = [
    () => clientFrame(FIN | 2, some, { isMasked: false }),
    () => clientFrame(FIN | 0x20 | 2, some),
    () => clientFrame(FIN | 0x10 | 2, some),
    () => clientFrame(FIN | random.pick([3, 4, 5, 6, 7, 11, 12, 13, 14, 15]), some),
    () => clientFrame(random.pick([8, 9, 10]), some),
    () => clientFrame(FIN | 9, bytesFor(random, 126)),
    () => clientFrame(FIN, some),
    () => Buffer.concat([clientFrame(1, text), clientFrame(FIN | 1, text)]),
    () => clientFrame(FIN | 1, Buffer.from([0x61, 0xff])),
    () => clientFrame(FIN | 2, some, { length: MESSAGE_BYTES + 1 }),
    () => clientFrame(FIN | 2, some, { length: 2 ** 52 }),
    () => Buffer.concat([clientFrame(2, bytesFor(random, MESSAGE_BYTES)), clientFrame(FIN, some)]),
    () => clientFrame(FIN | 8, Buffer.from([3])),
    () => close(random.pick([0, 999, 1004, 1005, 1006, 1015, 2999, 5000])),
    () => close(1000, Buffer.from([0xc3, 0x28])),
  ]
  return random.pick(frames)()
}

const scriptOf = (seed: number, compresses: boolean): readonly Buffer[] => {
  const random = createRandom(seed)
  const frames = Array.from({ length: 1 + random.below(5) }, () =>
    random.chance(0.8)
      ? messageFrames(random, compresses)
      : clientFrame(FIN | random.pick([9, 10]), bytesFor(random, 9)),
  )
  if (random.chance(0.6)) frames.push(wrong(random), messageFrames(random, compresses))
  frames.push(
    random.chance(0.2) ? clientFrame(FIN | 8, Buffer.alloc(0)) : close(random.pick([1000, 1001, 3000, 4999])),
  )
  const all = Buffer.concat(frames)
  const cuts = Array.from({ length: random.below(5) }, () => random.below(all.length)).sort((a, b) => a - b)
  return [...cuts, all.length].map((end, i) => all.subarray(cuts[i - 1] ?? 0, end))
}

/** What came back: pongs, and the code of the close; all to be compared. */
const outcomeOf = async (name: 'ours' | 'oracle', url: string, seed: number) => {
  const client = await openRawWebSocket(`${url}/${seed}`, DEFLATE)
  await client.send(...scriptOf(seed, name === 'ours'))
  await until(client.isClosed, `the end of ${seed} by ${name}`)
  const frames = framesOf(client.received())
  const closing = frames.find(({ opcode }) => opcode === 8)?.payload
  return {
    understood: understood.get(`${name}/${seed}`) ?? [],
    pongs: frames.filter(({ opcode }) => opcode === 10).map(({ payload }) => payload.toString('hex')),
    closedWith: closing === undefined || closing.length === 0 ? null : closing.readUInt16BE(0),
    afterClose: frames.findIndex(({ opcode }) => opcode === 8) - (frames.length - 1),
  }
}

it.each([0, 1, 2, 3])('a socket understands, answers and refuses what ws does (%i)', async part => {
  const seeds = Array.from({ length: 40 }, (_, i) => part * 40 + i)
  const compare = async (seed: number): Promise<void> => {
    const [own, theirs] = await Promise.all([
      outcomeOf('ours', ours.url, seed),
      outcomeOf('oracle', oracleUrl, seed),
    ])
    const tooLarge = theirs.closedWith === 1009 ? { closedWith: 4413 } : {}
    expect({ seed, ...own }).toEqual({ seed, ...theirs, ...tooLarge })
  }
  await Promise.all(seeds.map(compare))
})

const some = Buffer.from('some')

it.each([
  [
    'of which a later fragment says it is compressed',
    [clientFrame(RSV1 | 2, compressed(some)), clientFrame(FIN | RSV1, some)],
    1002,
  ],
  ['that is a ping and compressed', [clientFrame(FIN | RSV1 | 9, some)], 1002],
  ['that is damaged', [clientFrame(FIN | RSV1 | 2, Buffer.from([0xff, 0xff, 0xff]))], 1007],
  ['that is large and damaged', [clientFrame(FIN | RSV1 | 2, Buffer.alloc(20_000, 0xff))], 1007],
  ['that is a bomb', [clientFrame(FIN | RSV1 | 2, compressed(Buffer.alloc(MESSAGE_BYTES + 1)))], 4413],
  ['that is no UTF-8', [clientFrame(FIN | RSV1 | 1, compressed(Buffer.from([0x61, 0xff])))], 1007],
])('a compressed message %s ends the session, after what came before', async (name, frames, code) => {
  const path = `/${name.replaceAll(' ', '-')}`
  const client = await openRawWebSocket(ours.url + path, DEFLATE)
  // Inflated apart, while what follows waits.
  const large = Buffer.from(Array.from({ length: 290_000 }, (_, i) => (i * i) & 0xff))
  const before = [large, some, large].map(each => clientFrame(FIN | RSV1 | 2, compressed(each)))
  await client.send(Buffer.concat([...before, ...frames]), clientFrame(FIN | 2, some))
  await until(client.isClosed, 'the end')
  const closing = framesOf(client.received()).at(-1)
  expect([closing?.opcode, closing?.payload.readUInt16BE(0)]).toEqual([8, code])
  expect(understood.get(`ours${path}`)?.map(each => each.split(' ')[1])).toEqual(['290000', '4', '290000'])
})

it('whoever reads nothing is answered no pings without end', async () => {
  const client = await openRawWebSocket(`${ours.url}/deaf`)
  client.socket.pause()
  const pings = Buffer.concat(Array.from({ length: 500 }, () => clientFrame(FIN | 9, Buffer.alloc(125))))
  for (let i = 0; i < 200; i++) client.socket.write(pings)
  await client.send(clientFrame(FIN | 2, some))
  await until(() => understood.has('ours/deaf'), 'what came behind the pings')
  client.socket.resume()
  await client.send(close(1000))
  await until(client.isClosed, 'the end')
  expect(framesOf(client.received()).length).toBeLessThan(100_000)
})
