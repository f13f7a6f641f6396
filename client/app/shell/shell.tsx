import { ActionIcon, Tooltip } from '@mantine/core'
import { IconFlask, IconHelpCircle, IconSearch } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { Link } from '../route/link.tsx'
import { useRoute } from '../route/route.ts'
import { SyncBanner } from '../state/sync-banner.tsx'
import { RefusedTray } from '../state/refused-tray.tsx'
import { usePrintByDay } from '../theme/print-by-day.ts'
import { useAppWords } from '../words/app-words.ts'
import { type Workspace, workspaces } from '../workspaces.ts'
import { Account } from './account.tsx'
import { Bell } from './bell.tsx'
import { GuestHint } from './guest-hint.tsx'
import { Search } from './search.tsx'
import { StatusButton } from './status-button.tsx'
import { useKeptFocus } from './use-kept-focus.ts'
import { useStrayScan } from './use-stray-scan.ts'
import { labelled } from '../words/labelled.ts'
import './shell.css'

interface ShellProps {
  readonly workspace: Workspace | undefined
  readonly children: ReactNode
}

export const Shell = ({ workspace, children }: ShellProps) => {
  const words = useAppWords()
  const [isSearching, setIsSearching] = useState(false)
  useSearchKey(() => setIsSearching(true))
  usePrintByDay()
  useKeptFocus()
  useStrayScan()
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        {words.skip}
      </a>
      <header className="shell-header">
        <Link to="/" className="brand" aria-label={labelled('corecord', words.home)}>
          <img src="/icon.svg" width="28" height="28" alt="" />
          <span className="brand-name">corecord</span>
        </Link>
        <button type="button" className="search-button" onClick={() => setIsSearching(true)}>
          <IconSearch size={16} aria-hidden />
          <span>{words.search}</span>
          <kbd aria-hidden>Ctrl K</kbd>
        </button>
        <div className="shell-tools">
          <ActionIcon
            className="search-icon"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={words.search}
            onClick={() => setIsSearching(true)}
          >
            <IconSearch size={20} />
          </ActionIcon>
          <RefusedTray />
          <StatusButton />
          <Bell />
          <Account />
        </div>
      </header>
      <Rail workspace={workspace} />
      <div className="shell-main">
        <SyncBanner />
        <GuestHint workspace={workspace} />
        <WhereNow />
        <main id="content" tabIndex={-1}>
          {children}
        </main>
      </div>
      {isSearching && <Search onClose={() => setIsSearching(false)} />}
    </div>
  )
}

const Rail = ({ workspace }: { readonly workspace: Workspace | undefined }) => {
  const words = useAppWords()
  const { path } = useRoute()
  return (
    <div className="rail">
      <nav className="rail-workspaces" aria-label={words.workspaces}>
        {workspaces.map(each => (
          <Tooltip key={each.key} label={words[each.word]} position="right" withArrow>
            <Link
              to={each.pages[0]?.path ?? each.path}
              className="rail-workspace"
              data-accent={each.accent}
              aria-current={each === workspace ? 'true' : undefined}
              aria-label={words[each.word]}
            >
              <each.icon size={22} stroke={1.7} aria-hidden />
            </Link>
          </Tooltip>
        ))}
        <Tooltip label={words.lab} position="right" withArrow>
          <Link
            to="/lab"
            className="rail-workspace rail-lab"
            aria-current={path === '/lab' ? 'true' : undefined}
            aria-label={words.lab}
          >
            <IconFlask size={22} stroke={1.7} aria-hidden />
          </Link>
        </Tooltip>
      </nav>
      {workspace !== undefined && (
        <nav className="rail-pages" aria-label={words.pages}>
          <div className="rail-title">{words[workspace.word]}</div>
          {workspace.pages.map(page => (
            <Link
              key={page.path}
              to={page.path}
              className="rail-page"
              aria-current={isAt(page.path, path, workspace) ? 'page' : undefined}
            >
              <page.icon size={18} stroke={1.7} aria-hidden />
              <span>{words[page.word]}</span>
            </Link>
          ))}
          <Link
            to={`${workspace.path}/help`}
            className="rail-page rail-help"
            aria-current={path === `${workspace.path}/help` ? 'page' : undefined}
          >
            <IconHelpCircle size={18} stroke={1.7} aria-hidden />
            <span>{words.help}</span>
          </Link>
        </nav>
      )}
    </div>
  )
}

/** The longest address that the present one begins with; what is reached through the first page belongs to it. */
const isAt = (page: string, path: string, workspace: Workspace): boolean => {
  const within = workspace.pages
    .map(each => each.path)
    .filter(each => path === each || path.startsWith(`${each}/`))
    .sort((a, b) => b.length - a.length)
  return (within[0] ?? workspace.pages[0]?.path) === page && path !== `${workspace.path}/help`
}

/** A page that comes without being loaded says by itself what it is. */
const WhereNow = () => {
  const { path } = useRoute()
  const [said, setSaid] = useState('')
  const before = useRef(path)
  useEffect(() => {
    if (before.current === path) return undefined
    before.current = path
    // It knows its own name once it is drawn.
    const timer = setTimeout(() => setSaid(document.title.replace(' · corecord', '')), DRAWN_MS)
    return () => clearTimeout(timer)
  }, [path])
  return (
    <span className="visually-hidden" role="status">
      {said}
    </span>
  )
}

const DRAWN_MS = 500

const useSearchKey = (open: () => void): void => {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      open()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}
