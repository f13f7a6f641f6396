import { IconArrowRight, IconFlask } from '@tabler/icons-react'
import { isPlain, Link } from '../route/link.tsx'
import type { DemoPerson } from '../session/demo-people.ts'
import { becomePerson, useDemoPeople, useSession } from '../session/session.ts'
import { Page } from '../shell/page.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useRoleWords } from '../words/type-words.ts'
import { type Workspace, workspaces } from '../workspaces.ts'
import { useHomeWords } from './home-words.ts'
import './home.css'

/** Where a stranger begins: what this is, the lab first, then the five workspaces. */
export const Home = () => {
  const words = useAppWords()
  const home = useHomeWords()
  return (
    <Page title={words.home} heading={<h1 className="home-lead">{home.lead}</h1>}>
      <Link to="/lab" className="home-lab">
        <span className="home-lab-icon">
          <IconFlask size={30} stroke={1.6} aria-hidden />
        </span>
        <span>
          <span className="home-lab-title">{words.lab}</span>
          <span className="home-lab-text">{home.labLead}</span>
        </span>
        <span className="home-lab-go">
          {home.labOpen} <IconArrowRight size={18} aria-hidden />
        </span>
      </Link>
      <h2 className="home-heading">{home.workspaces}</h2>
      <div className="home-grid">
        {workspaces.map(workspace => (
          <WorkspaceCard key={workspace.key} workspace={workspace} />
        ))}
      </div>
      <p className="home-hint">{home.secondWindow}</p>
    </Page>
  )
}

/** A visitor of the demo goes in as somebody who works there: who does not would see an empty room. */
const WorkspaceCard = ({ workspace }: { readonly workspace: Workspace }) => {
  const words = useAppWords()
  const home = useHomeWords()
  const roleWords = useRoleWords()
  const host = useHost(workspace)
  return (
    <Link
      to={workspace.pages[0]?.path ?? workspace.path}
      className="home-card"
      data-accent={workspace.accent}
      onClick={event => {
        if (host !== null && isPlain(event)) void becomePerson(host.id)
      }}
    >
      <span className="home-card-icon">
        <workspace.icon size={24} stroke={1.7} aria-hidden />
      </span>
      <span className="home-card-title">{words[workspace.word]}</span>
      <span className="home-card-text">{home[homeWordOf[workspace.key]]}</span>
      {host !== null && (
        <span className="home-card-host">{home.goInAs(host.name, host.roles.map(roleWords).join(', '))}</span>
      )}
    </Link>
  )
}

/** Null for who works there already, and where one is who one is. */
const useHost = ({ key }: Workspace): DemoPerson | null => {
  const session = useSession()
  const people = useDemoPeople()
  if (session.state !== 'open' || !session.isDemo) return null
  const colleagues = people.filter(({ system }) => system === key)
  if (colleagues.some(({ id }) => id === session.person.id)) return null
  return colleagues.find(({ roles }) => roles.includes(hostRoleOf[key])) ?? null
}

/** Who has most to do on the first page. */
const hostRoleOf = {
  ticketing: 'dispatcher',
  sales: 'clerk',
  warehouse: 'shift_lead',
  construction: 'engineer',
  scheduling: 'operator',
} as const

const homeWordOf = {
  ticketing: 'tickets',
  sales: 'sales',
  warehouse: 'warehouse',
  construction: 'construction',
  scheduling: 'scheduling',
} as const
