// How a person looks wherever they are shown: initials on a colour.

interface FaceProps {
  readonly id: string
  readonly name: string
  readonly size?: 'sm' | 'md'
  /** Where several stand beside each other and are told apart from afar. */
  readonly color?: string | undefined
}

/** Beside a name, which says the same in words. */
export const Face = ({ id, name, size = 'md', color = colorOf(id) }: FaceProps) => (
  <span className="person" data-size={size} style={{ '--who': color }} aria-hidden>
    {initialsOf(name)}
  </span>
)

export const initialsOf = (name: string): string =>
  name
    .split(/\s+/)
    .filter(part => part !== '')
    .slice(0, 2)
    .map(part => [...part][0]?.toUpperCase() ?? '')
    .join('')

/** The same for one person everywhere, and dark enough for white letters. */
export const colorOf = (id: string): string => faces[faceOf(id)] ?? '#52606d'

/**
 * For people who stand beside each other and are told apart from afar: everybody's own colour, or the next that
 * nobody among them has. Beyond as many as there are colours, they begin anew.
 */
export const colorsOf = (ids: readonly string[]): ReadonlyMap<string, string> => {
  const taken = new Map<number, string>()
  const sorted = [...new Set(ids)].sort()
  const waiting = sorted.filter(id => {
    if (taken.has(faceOf(id))) return true
    taken.set(faceOf(id), id)
    return false
  })
  const free = faces.map((_, face) => face).filter(face => !taken.has(face))
  const given = new Map(waiting.map((id, i) => [id, free[i] ?? i % faces.length]))
  return new Map(sorted.map(id => [id, faces[given.get(id) ?? faceOf(id)] ?? '']))
}

const faceOf = (id: string): number => {
  let hash = 7
  for (const letter of id) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 100_003
  return hash % faces.length
}

const faces = [
  '#2c61b6',
  '#0f7468',
  '#a54716',
  '#853c87',
  '#337540',
  '#9b2c4c',
  '#5b4bb5',
  '#7a5c00',
  '#1f6f8b',
  '#6b4226',
]
