// What the guard says of an update. A refusal is a value: it is a peer's doing, and none of our failures.

import type { RecordType } from '../../shared/record/record-type.ts'
import type { Problem } from '../../shared/record/record-error.ts'
import type { ErrorCode } from '../../shared/wire/error-codes.ts'
import type { Write } from './turn.ts'

export type Verdict =
  | { readonly kind: 'accepted'; readonly paths: readonly string[]; readonly changes: readonly Write[] }
  | { readonly kind: 'nothing new' }
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly problems: readonly Problem[]
      readonly isOffence: boolean
    }

export type Refusal = Extract<Verdict, { kind: 'refused' }>

export const PENDING: Verdict = { kind: 'pending' }
export const NOTHING_NEW: Verdict = { kind: 'nothing new' }

/** What no honest client sends. */
export const offence = (code: ErrorCode, sentence: string, path = ''): Refusal => ({
  kind: 'refused',
  code,
  problems: [{ code, path, sentence }],
  isOffence: true,
})

/** As an editor or a state library of another kind does in all honesty: told at once, where it would else be lost in silence. */
export const otherKind = (root: string, { name }: RecordType): Refusal => ({
  ...offence(
    'FORGED',
    `«${root.slice(0, 40)}» is no text of a ${name}: a tree or a map is for rooms without a type`,
  ),
  isOffence: false,
})

export const refused = (code: ErrorCode, path: string, sentence: string): Refusal =>
  refusedFor([{ code, path, sentence }])

/** By a page that is older than this server's types, or newer where the server went back to earlier ones. */
export const otherVersion = (path: string, sentence: string): Problem => ({
  code: 'SCHEMA_OLDER',
  path,
  sentence: `${sentence}: it was written by a page of another version than the server: reload it if you have not`,
})

export const noText = ({ name }: RecordType, path: string): Problem =>
  otherVersion(path, `is no text of ${name}`)

/** A client stamps anew by itself, and brings it again: what else is wrong is told then, and alone needs a person. */
export const refusedFor = (all: readonly Problem[]): Refusal => {
  const ahead = all.filter(({ code }) => code === 'CLOCK_AHEAD')
  const problems = ahead.length > 0 ? ahead : all
  return {
    kind: 'refused',
    code: codeOf(new Set(problems.map(({ code }) => code))),
    problems,
    isOffence: false,
  }
}

/** A page of another version is reloaded first, whatever else it may not: what it knows of its rights is older too. */
const codeOf = (codes: ReadonlySet<ErrorCode>): ErrorCode => {
  const [only] = codes
  if (codes.has('SCHEMA_OLDER')) return 'SCHEMA_OLDER'
  return codes.size === 1 && only !== undefined ? only : 'WRITE_REFUSED'
}
