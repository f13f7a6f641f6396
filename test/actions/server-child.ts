/**
 * Records, events and actions over LevelDB in a process of its own: `<folder> <port> [answers kept]`. The parent kills
 * it.
 */
import { writeSync } from 'node:fs'
import { inspect } from 'node:util'
import { LevelStore } from '../../server/store/level-store.ts'
import { EventServer } from '../events/event-server.ts'

const [, , folder = '', port = '0', answersKept] = process.argv
const limits = answersKept === undefined ? {} : { actionsKept: Number(answersKept), actionDaysKept: 0 }
const store = new LevelStore({ folder })
const server = new EventServer({ store, port: Number(port), textPauseMs: 200, limits })
await server.start()
writeSync(1, `${server.address}\n`)
process.once('SIGTERM', () => {
  server.close().then(
    () => {
      // Read by whoever reads why the exit code was not 0.
      for (const error of server.errors) writeSync(2, `${inspect(error, { depth: 4 })}\n`)
      process.exit(server.errors.length === 0 ? 0 : 1)
    },
    (error: unknown) => {
      writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
