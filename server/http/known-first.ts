import type { FastifyRequest } from 'fastify'

/** Before the body is read: nobody unknown has megabytes held, unzipped and parsed here. */
export async function knownFirst(request: FastifyRequest): Promise<void> {
  await request.authenticate()
}
