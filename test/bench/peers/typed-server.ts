// A server of typed records for the generator: guard, rows, lists and events are on, only limits of rate are not.

import { pino } from 'pino'
import { liftedLimits } from '../../../server/access/limits.ts'
import { createServer } from '../../../server/server.ts'
import { Board } from './board.ts'

const [port, dataFolder] = process.argv.slice(2)
if (port === undefined || dataFolder === undefined) throw new Error('typed-server <port> <data folder>')

const server = createServer({
  records: [Board],
  anonymous: true,
  dataFolder,
  port: Number(port),
  limits: liftedLimits,
  logger: pino({ level: 'error' }),
})
await server.start()
process.once('SIGTERM', () => {
  void server.close('SIGTERM').then(() => process.exit(0))
})
