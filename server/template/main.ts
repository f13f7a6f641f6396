import { startProblem } from 'corecord/server'
import { createAppServer } from './server.ts'

const { APP_SECRET, PORT = '3000', HOST = '127.0.0.1', DATA = './data' } = process.env

if (APP_SECRET === undefined && HOST !== '127.0.0.1') {
  console.error('Set APP_SECRET to a long random string: it signs the tokens of everybody who signs in.')
  process.exit(2)
}
const server = createAppServer({
  secret: APP_SECRET ?? 'for this machine alone, since nobody else can reach it',
  dataFolder: DATA,
  port: Number(PORT),
  host: HOST,
})
try {
  await server.start()
} catch (error) {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'EADDRINUSE') console.error(`Port ${PORT} is in use. Choose another: PORT=3001 npm start`)
  else if (code === 'STORE_LOCKED') console.error(`${DATA} is in use: this app runs already. Stop it first.`)
  else console.error(startProblem(error) ?? error)
  process.exit(1)
}
console.log(`Open ${server.url} in two windows. Ctrl-C stops the server.`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void server.close(signal).then(clean => process.exit(clean ? 0 : 1)))
}
