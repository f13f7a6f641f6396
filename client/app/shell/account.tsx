import { Button, Menu, Modal, SegmentedControl, Text, useMantineColorScheme } from '@mantine/core'
import { IconBellCog, IconCheck, IconHelpCircle, IconLogout } from '@tabler/icons-react'
import { useState } from 'react'
import { navigate, useRoute } from '../route/route.ts'
import { becomePerson, signOut, useDemoPeople, useSession } from '../session/session.ts'
import { colorOf, initialsOf } from '../state/people.tsx'
import { useAppWords } from '../words/app-words.ts'
import { languages, setLanguage, useLanguage } from '../words/language.ts'
import { useRoleWords } from '../words/role-words.ts'
import { workspaceAt, workspaces } from '../workspaces.tsx'

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
      <Menu position="bottom-end" shadow="md" width={280} withArrow>
        <Menu.Target>
          <button type="button" className="account-button">
            <span className="person" style={{ '--who': colorOf(person.id) }} aria-hidden>
              {initialsOf(person.name)}
            </span>
            <span className="visually-hidden">{words.account}:</span>
            <span className="account-name">{person.name}</span>
          </button>
        </Menu.Target>
        <Menu.Dropdown mah="min(80dvh, 720px)" style={{ overflowY: 'auto' }}>
          <Menu.Label>{words.appearance}</Menu.Label>
          <SegmentedControl
            fullWidth
            size="xs"
            mx={6}
            mb={6}
            aria-label={words.appearance}
            value={colorScheme}
            onChange={value => setColorScheme(value === 'light' || value === 'dark' ? value : 'auto')}
            data={[
              { value: 'light', label: words.light },
              { value: 'dark', label: words.dark },
              { value: 'auto', label: words.auto },
            ]}
          />
          <Menu.Label>{words.language}</Menu.Label>
          <SegmentedControl
            fullWidth
            size="xs"
            mx={6}
            mb={6}
            aria-label={words.language}
            value={language}
            onChange={value => {
              const chosen = languages.find(({ code }) => code === value)
              if (chosen !== undefined) setLanguage(chosen.code)
            }}
            data={languages.map(({ code, name }) => ({ value: code, label: name }))}
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
      <Modal
        opened={unsent > 0}
        onClose={() => setUnsent(0)}
        title={words.signOut}
        closeButtonProps={{ 'aria-label': words.close }}
      >
        <Text size="sm" mb="md">
          {words.unsentAtSignOut(unsent)}
        </Text>
        <Button c="var(--red-text)" color="red" onClick={() => void signOut(true).then(setUnsent)}>
          {words.discardAndSignOut}
        </Button>
      </Modal>
    </>
  )
}

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
                leftSection={
                  <span className="person" data-size="sm" style={{ '--who': colorOf(id) }} aria-hidden>
                    {initialsOf(name)}
                  </span>
                }
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
