import type { FastifyRequest } from 'fastify'
import { parseRoomName } from '../../shared/record/room-name.ts'
import { HttpProblem } from '../http/problem.ts'
import { paramOf } from '../http/request-address.ts'
import type { Patch } from './apply-patch.ts'
import { parseVersion, type Version } from './etag.ts'

/** What a request says, parsed. */
export function roomOf(request: FastifyRequest): string {
  return `${paramOf(request, 'type')}:${paramOf(request, 'id')}`
}

export function headerOf(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

export function objectOf(body: unknown): Patch {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new HttpProblem('BAD_REQUEST', 'Send a JSON object.')
  return { ...body }
}

export function basisOf(text: string | null | undefined): Version | null {
  if (text === null || text === undefined) return null
  const version = parseVersion(text.replace(/^(?:W\/)?"([^"]*)"$/, '$1'))
  if (version === null)
    throw new HttpProblem('BAD_REQUEST', 'basis is what stands in the ETag of what you read.', ['basis'])
  return version
}

const KEY = /^[\x21-\x7e]{1,200}$/

export function idempotencyKeyOf(request: FastifyRequest): string | null {
  const key = headerOf(request, 'idempotency-key')
  return key === undefined ? null : fitKey(key, 'Idempotency-Key')
}

export function fitKey(key: string, name: string): string {
  if (KEY.test(key)) return key
  throw new HttpProblem('BAD_REQUEST', 'An Idempotency-Key has 1 to 200 printable characters.', [name])
}

export function recordId(given: unknown): string | null {
  if (given === undefined || given === null) return null
  if (typeof given !== 'string' || given.length > 200 || parseRoomName(`any:${given}`) === null)
    throw new HttpProblem(
      'BAD_REQUEST',
      'An id is a text of 1 to 200 characters, none of them «~» or a control character, and not «.» or «..».',
      ['id'],
    )
  return given
}

export function flagOf(given: unknown, name: string): boolean {
  if (given === undefined || given === null || given === false || given === 'false') return false
  if (given === true || given === 'true') return true
  throw new HttpProblem('BAD_REQUEST', `${name} is true or false.`, [name])
}

export function restoredPath(path: unknown): string {
  if (typeof path !== 'string')
    throw new HttpProblem('BAD_REQUEST', 'path names an entry, as "times/7f3".', ['path'])
  return path
}
