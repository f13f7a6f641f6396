import type { ReactNode } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import { Link } from '../route/link.tsx'
import { useMyRoles } from '../session/use-my-id.ts'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'

interface ForReadersProps {
  readonly of: RecordType
  readonly children: ReactNode
}

/** Figures of what somebody may not see would all be zero, and a board of zeros is believed. */
export const ForReaders = ({ of: { access }, children }: ForReadersProps) => {
  const words = useAppWords()
  const mine = useMyRoles()
  const { $role } = access.read ?? {}
  if ($role === undefined || mine.includes('admin') || [$role].flat().some(role => mine.includes(role)))
    return children
  return (
    <main>
      <Empty title={words.boardClosed} action={<Link to="/">{words.toHome}</Link>}>
        {words.boardClosedHint}
      </Empty>
    </main>
  )
}
