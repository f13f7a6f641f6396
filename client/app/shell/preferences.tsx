import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'
import { Page } from './page.tsx'

export default function Preferences() {
  const words = useAppWords()
  return (
    <Page title={words.notifications}>
      <Empty title={words.comingSoon} />
    </Page>
  )
}
