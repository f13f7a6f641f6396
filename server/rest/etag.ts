/** What a reader was shown: an epoch of the record and a commit number in it. */
export interface Version {
  readonly epoch: string
  readonly commit: number
}

export function versionText({ epoch, commit }: Version): string {
  return `${epoch}.${commit}`
}

export function etagOf(version: Version): string {
  return `"${versionText(version)}"`
}

/** Null: it is no version of ours. */
export function parseVersion(text: string): Version | null {
  const [, epoch, commit] = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})$/.exec(text) ?? []
  return epoch === undefined || commit === undefined ? null : { epoch, commit: Number(commit) }
}

export type Match = 'any' | readonly Version[]

/**
 * `If-Match` or `If-None-Match`. A tag counts as weak when the answer was compressed; what it names is the same.
 * Tags that are not ours match nothing. Null: there was no such header.
 */
export function parseMatch(header: string | undefined): Match | null {
  if (header === undefined) return null
  if (header.trim() === '*') return 'any'
  return header.split(',').flatMap(tag => {
    const [, text = ''] = /^\s*(?:W\/)?"([^"]*)"\s*$/.exec(tag) ?? []
    return parseVersion(text) ?? []
  })
}

export function isMatched(match: Match, { epoch, commit }: Version): boolean {
  return match === 'any' || match.some(one => one.epoch === epoch && one.commit === commit)
}
