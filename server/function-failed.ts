import type { FunctionFailed } from '../shared/record/said-of-change.ts'

/** For whoever wrote the type: nobody else is told, since no edit fails for it. */
export const functionFailed =
  (logger: { error(fields: object, message: string): void }, room: string): FunctionFailed =>
  error =>
    logger.error({ room, err: error }, 'a function of a record type failed; what happened is told without it')
