import type { Present } from '../room/presence.ts'

/** Who looks at a record, as far as a list shows it. */
export interface PresentPerson {
  readonly clientId: number
  readonly id: string
  readonly name: string
  readonly color: string | null
  readonly field: string | null
  readonly state: 'active' | 'idle' | 'gone'
}

/** What a tab says of itself beside who it is, may be anything. */
export const presentPerson = ({ clientId, userId, name, state }: Present): PresentPerson => {
  const { field, state: activity, user } = state
  const color = typeof user === 'object' && user !== null && 'color' in user ? user.color : null
  return {
    clientId,
    id: userId,
    name,
    color: typeof color === 'string' ? color.slice(0, 64) : null,
    field: typeof field === 'string' ? field.slice(0, 256) : null,
    state: activity === 'idle' || activity === 'gone' ? activity : 'active',
  }
}
