import { IconArrowRight, IconFlask } from '@tabler/icons-react'
import { Link } from '../route/link.tsx'
import { Page } from '../shell/page.tsx'
import { useAppWords } from '../words/app-words.ts'
import { workspaces } from '../workspaces.tsx'
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
          <Link
            key={workspace.key}
            to={workspace.pages[0]?.path ?? workspace.path}
            className="home-card"
            data-accent={workspace.accent}
          >
            <span className="home-card-icon">
              <workspace.icon size={24} stroke={1.7} aria-hidden />
            </span>
            <span className="home-card-title">{words[workspace.word]}</span>
            <span className="home-card-text">{home[homeWordOf[workspace.key]]}</span>
          </Link>
        ))}
      </div>
      <p className="home-hint">{home.secondWindow}</p>
    </Page>
  )
}

const homeWordOf = {
  ticketing: 'tickets',
  sales: 'sales',
  warehouse: 'warehouse',
  construction: 'construction',
  scheduling: 'scheduling',
} as const
