import { keep, kept } from './kept.ts'

export interface DemoPerson {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly system: string
  readonly token: string
  readonly expiresAt: number
}

/** Null where this is no demo, `undefined` where nobody answers. */
export const fetchDemoPeople = async (
  ask: (input: string) => Promise<Response> = input => fetch(input),
): Promise<readonly DemoPerson[] | null | undefined> => {
  try {
    const response = await ask('/api/demo/people')
    if (!response.ok) return isOurs(response) && response.status === 404 ? null : undefined
    const people = parsePeople(await response.json())
    if (people !== null) keep('demo people', JSON.stringify(people))
    return people
  } catch {
    return undefined
  }
}

/** What stands between may refuse in words of its own, and knows nothing of a demo. */
const isOurs = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('application/problem+json') === true

/** So that the app starts with no network. */
export const keptDemoPeople = (): readonly DemoPerson[] | null => {
  const text = kept('demo people')
  if (text === null) return null
  try {
    return parsePeople(JSON.parse(text))
  } catch {
    return null
  }
}

const parsePeople = (value: unknown): readonly DemoPerson[] | null => {
  if (!Array.isArray(value)) return null
  const people = value.filter(isPerson)
  return people.length === 0 ? null : people
}

const isPerson = (value: unknown): value is DemoPerson =>
  typeof value === 'object' &&
  value !== null &&
  'id' in value &&
  typeof value.id === 'string' &&
  'name' in value &&
  typeof value.name === 'string' &&
  'token' in value &&
  typeof value.token === 'string' &&
  'roles' in value &&
  Array.isArray(value.roles) &&
  'system' in value &&
  'expiresAt' in value &&
  typeof value.expiresAt === 'number'
