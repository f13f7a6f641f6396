import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const LOWEST = 20_000
const PORTS_PER_WORKER = 3_000
const WORKERS = 4

const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % WORKERS
let next = randomInt(PORTS_PER_WORKER)

/**
 * For a server that others are told of before it starts, or that comes back where it was. Below the range from which
 * systems give ports to whoever asks for any, of this worker's own, and never the same twice: nobody else is given it
 * while nothing listens there.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + worker * PORTS_PER_WORKER + (next++ % PORTS_PER_WORKER)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
