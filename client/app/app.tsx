import { Button, MantineProvider } from '@mantine/core'
import { IconGhost } from '@tabler/icons-react'
import { lazy, Suspense, useEffect } from 'react'
import { DeskProvider, Inspector } from '../react/index.ts'
import { Home } from './home/home.tsx'
import { Installed } from './pwa/installed.tsx'
import { Link } from './route/link.tsx'
import { type Route, useRoute } from './route/route.ts'
import { DirectoryProvider } from './session/directory.tsx'
import { SessionEnded } from './session/session-ended.tsx'
import { useSession } from './session/session.ts'
import { SignIn } from './session/sign-in.tsx'
import { Caught } from './shell/caught.tsx'
import { ForReaders } from './shell/for-readers.tsx'
import { GuestHint } from './shell/guest-hint.tsx'
import { OpenRecord } from './shell/open-record.tsx'
import { Page } from './shell/page.tsx'
import { Shell } from './shell/shell.tsx'
import { afterStart, hasStarted } from './state/after-start.ts'
import { Empty } from './state/empty.tsx'
import { NoticesNotCome } from './state/not-come.tsx'
import { cssVariables, themeOf } from './theme/theme.ts'
import { useAppWords } from './words/app-words.ts'
import { type Workspace, workspaceAt, workspaces } from './workspaces.ts'

/** What is to be told before they are there waits for them. */
const Notices = lazy(() => afterStart(() => import('./state/notices.tsx')))
const Lab = lazy(() => import('./lab/lab.tsx'))
const LabFrame = lazy(() => import('./lab/lab-frame.tsx'))
const Preferences = lazy(() => import('./shell/preferences.tsx'))

const themes = new Map(
  ['slate' as const, ...workspaces.map(({ accent }) => accent)].map(accent => [accent, themeOf(accent)]),
)

export const App = () => {
  const route = useRoute()
  const workspace = workspaceAt(route.path)
  const theme = themes.get(workspace?.accent ?? 'slate')
  return (
    <MantineProvider
      {...(theme === undefined ? {} : { theme })}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
    >
      <Suspense fallback={<NoticesNotCome />}>
        <Notices />
      </Suspense>
      <Caught>
        <Open route={route} workspace={workspace} />
      </Caught>
    </MantineProvider>
  )
}

interface Where {
  readonly route: Route
  readonly workspace: Workspace | undefined
}

const Open = ({ route, workspace }: Where) => {
  const words = useAppWords()
  const session = useSession()
  useEffect(() => {
    if (session.state !== 'starting') hasStarted()
  }, [session.state])
  switch (session.state) {
    case 'starting':
      return <Waiting />
    case 'unreachable':
      return (
        <Empty
          title={words.unreachable}
          action={
            <Button variant="default" onClick={() => location.reload()}>
              {words.tryAgain}
            </Button>
          }
        >
          {words.unreachableHint}
        </Empty>
      )
    case 'signed out':
      return <SignIn isDemo={session.isDemo} />
    case 'open':
      return (
        // Whoever comes next finds nothing that another has begun here, also where one page passes between them at once.
        <DeskProvider key={session.person.id} desk={session.desk}>
          <DirectoryProvider>
            <Framed route={route} workspace={workspace} />
            <Inspector when="debug" />
          </DirectoryProvider>
        </DeskProvider>
      )
  }
}

const Framed = ({ route, workspace }: Where) => {
  const content = (
    <Caught key={route.path}>
      <Suspense fallback={<Waiting />}>
        <Content route={route} workspace={workspace} />
      </Suspense>
    </Caught>
  )
  if (route.path.startsWith('/lab/frame/')) return content
  if (workspace?.board === route.path) {
    return (
      <>
        <GuestHint workspace={workspace} />
        <ForReaders of={workspace.shows} board="on the wall">
          {content}
        </ForReaders>
        <SessionEnded isBare />
      </>
    )
  }
  return (
    <Shell workspace={workspace}>
      {content}
      <Installed />
    </Shell>
  )
}

const Content = ({ route, workspace }: Where) => {
  const words = useAppWords()
  if (workspace !== undefined) {
    if (route.parts[1] === 'help') return <workspace.Content />
    return (
      <ForReaders of={workspace.shows}>
        <workspace.Content />
      </ForReaders>
    )
  }
  switch (route.parts[0]) {
    case undefined:
      return <Home />
    case 'lab':
      return route.parts[1] === 'frame' ? <LabFrame /> : <Lab />
    // E-mails name it «settings».
    case 'preferences':
    case 'settings':
      return <Preferences />
    case 'open':
      return <OpenRecord room={route.parts[1] ?? ''} />
    default:
      return (
        <Page title={words.notFound} heading={<h1 className="visually-hidden">{words.notFound}</h1>}>
          <Empty icon={IconGhost} title={words.notFound} action={<Link to="/">{words.toHome}</Link>} />
        </Page>
      )
  }
}

const Waiting = () => {
  const words = useAppWords()
  return (
    <div className="waiting" role="status">
      <span className="visually-hidden">{words.loading}</span>
    </div>
  )
}
