// The public entry `corecord/server`: its names, one by one.
export { defaultLimits, type Limits } from './access/limits.ts'
export { mintToken } from './access/mint-token.ts'
export { type CorecordServer, createServer, type ServerOptions } from './server.ts'
export { startProblem } from './start-problem.ts'
export type { Store } from './store/store.ts'
