// A path names one register of a record: `status`, `items/7f3/required`, `comments/9ac`. Segments are
// percent-escaped, so that a key may hold any text; a segment that begins with `$` is the system's own
// (`$created`, `$w/…`), which is why a leading `$` in a key is escaped too. The record's own path is ''.

export const RECORD_PATH = ''
export const CREATED = '$created'
export const ACTIONS = '$actions'
export const RESULTS = '$results'
export const PATH_CHARS_MAX = 512

const UNSAFE = /[%/]|^\$|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g
const ESCAPED = /%([0-9A-F]{2})/g

export const escapeSegment = (text: string): string =>
  text.replace(UNSAFE, c => (c.length === 1 && c < '\u0080' ? `%${hex(c.charCodeAt(0))}` : '\uFFFD'))

export const unescapeSegment = (segment: string): string =>
  segment.includes('%')
    ? segment.replace(ESCAPED, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    : segment

export const joinPath = (...keys: string[]): string => keys.map(escapeSegment).join('/')

export const splitPath = (path: string): string[] =>
  path === RECORD_PATH ? [] : path.includes('/') ? path.split('/') : [path]

/** Names of records are parts of keys and addresses: control characters separate those, half a pair is in none. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: what separates names in keys must not be in them
export const UNFIT_IN_NAME = /[\u0000-\u001f\p{Cs}]/u

/** The first two segments: the list entry that a path lies in, or is. */
export const entryPathOf = (path: string): string => {
  const second = path.indexOf('/', path.indexOf('/') + 1)
  return second < 0 ? path : path.slice(0, second)
}

/** Whether a path is written in the one canonical way; two spellings of one register would never meet. */
export const isCanonicalPath = (path: string): boolean => {
  if (path === RECORD_PATH) return true
  if (path.length > PATH_CHARS_MAX) return false
  if (PLAIN.test(path)) return true
  const segments = path.split('/')
  return segments.every(segment => {
    if (segment === '') return false
    const name = segment.startsWith('$') ? segment.slice(1) : segment
    return name !== '' && escapeSegment(unescapeSegment(name)) === name
  })
}

/** The register in which the server names the witnessed cells of a `first` field. */
export const witnessPath = (path: string): string => `$w/${escapeSegment(path)}`
export const witnessedPath = (path: string): string | null =>
  path.startsWith('$w/') ? unescapeSegment(path.slice(3)) : null

const PLAIN = /^\$?[A-Za-z0-9_-]+(\/\$?[A-Za-z0-9_-]+)*$/

const hex = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0')

/** Before the colon of a room's name. */
export const isTypeName = (name: unknown): name is string =>
  typeof name === 'string' && /^[a-z][a-z0-9_]*$/.test(name)

export const firstSegment = (path: string): string => {
  const slash = path.indexOf('/')
  return slash < 0 ? path : path.slice(0, slash)
}
