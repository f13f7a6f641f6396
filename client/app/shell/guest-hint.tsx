import { Button, Text } from '@mantine/core'
import { becomePerson, useDemoPeople, useSession } from '../session/session.ts'
import { defineWords } from '../words/define-words.ts'
import { useRoleWords } from '../words/type-words.ts'
import type { Workspace } from '../workspaces.ts'

const useWords = defineWords({
  en: {
    guest: (name: string) => `${name} does not work here.`,
    continueAs: 'Go on as',
  },
  sr: {
    guest: (name: string) => `${name} ne radi ovde.`,
    continueAs: 'Nastavi kao',
  },
  fr: {
    guest: (name: string) => `${name} ne travaille pas ici.`,
    continueAs: 'Continuer comme',
  },
})

/** In the demo each person belongs to one system; a visitor who walks into another is shown who works there. */
export const GuestHint = ({ workspace }: { readonly workspace: Workspace | undefined }) => {
  const words = useWords()
  const roleWords = useRoleWords()
  const session = useSession()
  const people = useDemoPeople()
  if (workspace === undefined || session.state !== 'open' || !session.isDemo) return null
  const own = people.find(({ id }) => id === session.person.id)
  const colleagues = people.filter(({ system }) => system === workspace.key)
  if (own === undefined || own.system === workspace.key || colleagues.length === 0) return null
  return (
    <section className="guest-hint" aria-label={words.continueAs}>
      <Text size="sm">{words.guest(own.name)}</Text>
      <Text size="sm" fw={600}>
        {words.continueAs}
      </Text>
      {firstOfEachRole(colleagues).map(({ id, name, roles }) => (
        <Button key={id} size="xs" variant="default" onClick={() => void becomePerson(id)}>
          {name} · {roles.map(roleWords).join(', ')}
        </Button>
      ))}
    </section>
  )
}

const firstOfEachRole = <P extends { readonly roles: readonly string[] }>(
  people: readonly P[],
): readonly P[] =>
  people.filter((person, i) => people.findIndex(other => other.roles.join() === person.roles.join()) === i)
