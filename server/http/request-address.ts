import type { FastifyRequest } from 'fastify'
import { HttpProblem } from './problem.ts'

/** What the address of a request says, parsed. */
export function queryOf({ url = '' }: { readonly url?: string | undefined }): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}

export function paramOf(request: FastifyRequest, name: string): string {
  const params: unknown = request.params
  const value: unknown = typeof params === 'object' && params !== null ? Reflect.get(params, name) : null
  return typeof value === 'string' ? value : ''
}

/** Null: it is not given. */
export function wholeNumberIn(query: URLSearchParams, name: string): number | null {
  const text = query.get(name)
  if (text === null) return null
  if (!/^\d{1,12}$/.test(text))
    throw new HttpProblem('BAD_REQUEST', `«${name}» takes a whole number.`, [name])
  return Number(text)
}

/** What is meant to change how something is done, and does not, would do something else than was asked for. */
export function assertQuery(request: FastifyRequest, ...names: readonly string[]): void {
  const strange = [...queryOf(request).keys()].find(name => name !== 'token' && !names.includes(name))
  if (strange === undefined) return
  const taken = names.length === 0 ? 'nothing' : names.join(' and ')
  throw new HttpProblem(
    'BAD_REQUEST',
    `Check the address: this takes ${taken} behind «?», not «${strange}».`,
    [strange],
  )
}
