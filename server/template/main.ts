import { parseArgs } from 'node:util'
import { startProblem } from 'corecord/server'
import { createAppServer } from './server.ts'

/** `npm start -- --port 3001 --host 0.0.0.0 --data ./elsewhere`, or the same by variables. */
const asked = (): { port?: string; host?: string; data?: string } => {
  const options = { port: { type: 'string' }, host: { type: 'string' }, data: { type: 'string' } } as const
  try {
    return parseArgs({ options }).values
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exit(2)
  }
}
// What is empty, as in a line of an environment file that nobody filled in, is not given.
const { APP_SECRET, PORT, HOST, DATA } = process.env
const { port = PORT || '3000', host = HOST || '127.0.0.1', data = DATA || './data' } = asked()

if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
  console.error(`«${port}» is no port: it is a number from 0 to 65535, 0 for any free one.`)
  process.exit(2)
}
if (!APP_SECRET && host !== '127.0.0.1') {
  console.error('Set APP_SECRET to a long random string: it signs the tokens of everybody who signs in.')
  process.exit(2)
}
const server = createAppServer({
  secret: APP_SECRET || 'for this machine alone, since nobody else can reach it',
  dataFolder: data,
  port: Number(port),
  host,
})
try {
  await server.start()
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') console.error(`Port ${port} is in use. Choose another: npm start -- --port 3001`)
  else if (code === 'STORE_LOCKED') console.error(`${data} is in use: this app runs already. Stop it first.`)
  else console.error(startProblem(error) ?? error)
  process.exit(1)
}
console.log(`Open ${server.url} in two windows. Ctrl-C stops the server.`)

const stop = (signal: string): void =>
  void server.close(signal).then(clean => process.exit(clean ? 0 : 1))
// Ctrl-C again ends it at once. Who stops a whole group sends SIGTERM to start.mjs as well, which passes it on.
process.once('SIGINT', stop)
process.on('SIGTERM', stop)
