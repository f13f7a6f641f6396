import type { FastifyRequest } from 'fastify'
import type { GroupCommit } from '../store/group-commit.ts'
import { HttpProblem } from './problem.ts'

/**
 * For routes that write past the records, which refuse by themselves: while the disk takes nothing, whoever asks is
 * told so, instead of waiting for as long as that lasts and asking a second time meanwhile.
 */
export const refuseUnwritable =
  (committer: Pick<GroupCommit, 'readOnly'>) =>
  async ({ method }: FastifyRequest): Promise<void> => {
    const { readOnly } = committer
    if (readOnly !== null && method !== 'GET' && method !== 'HEAD')
      throw new HttpProblem('STORE_UNWRITABLE', readOnly.message)
  }
