import { Button, Group, Menu, Text, useMantineColorScheme } from '@mantine/core'
import { IconBellCog, IconCheck, IconHelpCircle, IconLogout } from '@tabler/icons-react'
import { useState } from 'react'
import { navigate, useRoute } from '../route/route.ts'
import { becomePerson, signOut, useDemoPeople, useSession } from '../session/session.ts'
import { Face } from '../state/face.tsx'
import { useStorageSentence } from '../state/use-storage-sentence.ts'
import { useAppWords } from '../words/app-words.ts'
import { languages, setLanguage, useLanguage } from '../words/language.ts'
import { useRoleWords } from '../words/type-words.ts'
import { workspaceAt, workspaces } from '../workspaces.ts'
import { Modal } from '../state/dialog.tsx'

export const Account = () => {
  const words = useAppWords()
  const session = useSession()
  const language = useLanguage()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const workspace = workspaceAt(useRoute().path)
  const [unsent, setUnsent] = useState(0)
  if (session.state !== 'open') return null
  const { person, isDemo } = session
  return (
    <>
      <Menu position="bottom-end" shadow="md" width={280} withArrow withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <button type="button" className="account-button">
            <Face id={person.id} name={person.name} />
            <span className="visually-hidden">{words.beforeValue(words.account)}</span>
            <span className="account-name">{person.name}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown mah="min(80dvh, 720px)" style={{ overflowY: 'auto' }}>
          <Choices
            label={words.appearance}
            value={colorScheme}
            choices={(['light', 'dark', 'auto'] as const).map(value => ({ value, label: words[value] }))}
            onChoose={setColorScheme}
          />
          <Choices
            label={words.language}
            value={language}
            choices={languages.map(({ code, name }) => ({ value: code, label: name }))}
            onChoose={setLanguage}
          />
          <Menu.Item leftSection={<IconBellCog size={16} />} onClick={() => navigate('/preferences')}>
            {words.preferences}
          </Menu.Item>
          {workspace !== undefined && (
            <Menu.Item
              leftSection={<IconHelpCircle size={16} />}
              onClick={() => navigate(`${workspace.path}/help`)}
            >
              {words.help}
            </Menu.Item>
          )}
          {!isDemo && (
            <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut().then(setUnsent)}>
              {words.signOut}
            </Menu.Item>
          )}
          {isDemo && <DemoPeople current={person.id} />}
        </Menu.Dropdown>
      </Menu>
      <Modal opened={unsent > 0} onClose={() => setUnsent(0)} title={words.signOut}>
        <Unsent count={unsent} />
      </Modal>
    </>
  )
}

const Unsent = ({ count }: { readonly count: number }) => {
  const words = useAppWords()
  const isKept = useStorageSentence() === null
  return (
    <>
      <Text size="sm" mb="md">
        {words.unsentAtSignOut(count)} {isKept ? words.unsentKept : words.unsentThrown}
      </Text>
      <Group gap="sm">
        {isKept && <Button onClick={() => void signOut('kept')}>{words.keepAndSignOut}</Button>}
        <Button variant="default" c="var(--red-text)" onClick={() => void signOut('discarded')}>
          {words.discardAndSignOut}
        </Button>
      </Group>
    </>
  )
}

interface ChoicesProps<V extends string> {
  readonly label: string
  readonly value: V
  readonly choices: readonly { readonly value: V; readonly label: string }[]
  readonly onChoose: (value: V) => void
}

/** A menu holds items and nothing else, so a choice in it is a row of them. */
const Choices = <V extends string>({ label, value, choices, onChoose }: ChoicesProps<V>) => (
  <div role="group" aria-label={label}>
    <Menu.Label>{label}</Menu.Label>
    <div className="menu-choices" role="none">
      {choices.map(choice => (
        <Menu.Item
          key={choice.value}
          aria-current={choice.value === value ? 'true' : undefined}
          className="menu-choice"
          closeMenuOnClick={false}
          onClick={() => onChoose(choice.value)}
        >
          {choice.label}
        </Menu.Item>
      ))}
    </div>
  </div>
)

/** One visitor can be both sides of a story: each tab may be somebody else. */
const DemoPeople = ({ current }: { readonly current: string }) => {
  const words = useAppWords()
  const roleWords = useRoleWords()
  const people = useDemoPeople()
  return (
    <>
      <Menu.Divider />
      <Menu.Label>{words.actAs}</Menu.Label>
      {workspaces.map(workspace => (
        <div key={workspace.key} role="group" aria-label={words[workspace.word]}>
          <Menu.Label>{words[workspace.word]}</Menu.Label>
          {people
            .filter(({ system }) => system === workspace.key)
            .map(({ id, name, roles }) => (
              <Menu.Item
                key={id}
                leftSection={<Face id={id} name={name} size="sm" />}
                rightSection={id === current ? <IconCheck size={16} aria-hidden /> : null}
                onClick={() => {
                  void becomePerson(id)
                  const first = workspace.pages[0]
                  if (first !== undefined && !location.pathname.startsWith(workspace.path))
                    navigate(first.path)
                }}
              >
                {name}
                <Text size="xs" c="dimmed">
                  {roles.map(roleWords).join(', ')}
                </Text>
              </Menu.Item>
            ))}
        </div>
      ))}
    </>
  )
}
