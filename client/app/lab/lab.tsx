import { Page } from '../shell/page.tsx'
import { useAppWords } from '../words/app-words.ts'

export default function Lab() {
  const words = useAppWords()
  return <Page title={words.lab}>…</Page>
}
