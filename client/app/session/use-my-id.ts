import { useSession } from './session.ts'

export const useMyId = (): string => {
  const session = useSession()
  return session.state === 'open' ? session.person.id : ''
}

export const useMyRoles = (): readonly string[] => {
  const session = useSession()
  return session.state === 'open' ? session.person.roles : none
}

/** Whether what is offered would be allowed; the server decides anew. */
export const useHasRole = (...roles: readonly string[]): boolean => {
  const mine = useMyRoles()
  return mine.includes('admin') || roles.some(role => mine.includes(role))
}

const none: readonly string[] = []
