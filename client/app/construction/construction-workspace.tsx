import { IconTools } from '@tabler/icons-react'
import { Page } from '../shell/page.tsx'
import { Empty } from '../state/empty.tsx'
import { useAppWords } from '../words/app-words.ts'

export default function ConstructionWorkspace() {
  const words = useAppWords()
  return (
    <Page title={words.construction}>
      <Empty icon={IconTools} title={words.comingSoon} />
    </Page>
  )
}
