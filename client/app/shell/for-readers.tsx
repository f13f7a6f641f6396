import type { ReactNode } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import { Link } from '../route/link.tsx'
import { useSession } from '../session/session.ts'
import { useMyRoles } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'

interface ForReadersProps {
  readonly of: RecordType
  /** Figures of the few records that somebody may see by what they are called to are none of the whole. */
  readonly board?: 'on the wall' | 'on a page'
  readonly children: ReactNode
}

/** Figures of what somebody may not see would all be zero, and a page of zeros is believed. */
export const ForReaders = ({ of, board, children }: ForReadersProps) => {
  const words = useAppWords()
  const session = useSession()
  const mayRead = useMayRead(of)
  // The people of the demo are called to nothing but their trade.
  const isSome = mayRead === 'some' && board === undefined && session.state === 'open' && !session.isDemo
  if (mayRead === 'all' || isSome) return children
  const closed = (
    <Empty
      title={board === undefined ? words.workspaceClosed : words.boardClosed}
      action={<Link to="/">{words.toHome}</Link>}
    >
      {words.boardClosedHint}
    </Empty>
  )
  return board === 'on the wall' ? <main>{closed}</main> : <div className="page">{closed}</div>
}

/** By one's roles, or perhaps some by what else a token says; the server decides. */
const useMayRead = ({ access }: RecordType): 'all' | 'some' | 'none' => {
  const mine = useMyRoles()
  const { $role, $any } = access.read ?? {}
  const others = $any ?? []
  const roles = [$role, ...others.map(each => each.$role)].flat()
  if (
    access.read === undefined ||
    mine.includes('admin') ||
    roles.some(role => role !== undefined && mine.includes(role))
  )
    return 'all'
  return $role === undefined ? 'some' : 'none'
}
