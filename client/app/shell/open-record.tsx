import { IconFileUnknown } from '@tabler/icons-react'
import { useEffect } from 'react'
import { useInbox } from '../../react/index.ts'
import { Link } from '../route/link.tsx'
import { navigate, pathOfRecord } from '../route/route.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { Page } from './page.tsx'

/** `/open/ticket:7`: where a push and an e-mail lead. It goes on to the record's own page, and what told of it is read. */
export const OpenRecord = ({ room }: { readonly room: string }) => {
  const words = useAppWords()
  const path = pathOfRecord(room)
  const { items, read } = useInbox()
  const isKnown = items !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the inbox is there; not for what comes later
  useEffect(() => {
    if (path === null || !isKnown) return
    for (const item of items) if (item.room === room && !item.read) read(item.id)
    navigate(path, { replace: true })
  }, [path, isKnown])
  if (path !== null) return <Empty isQuiet title={words.loading} />
  return (
    <Page title={words.notFound}>
      <Empty icon={IconFileUnknown} title={words.notFound} action={<Link to="/">{words.toHome}</Link>} />
    </Page>
  )
}
