import { HelpPage } from '../help/help-page.tsx'
import { useSalesHelpWords } from './sales-help-words.ts'

export default function SalesHelp() {
  return (
    <HelpPage
      words={useSalesHelpWords()}
      work={['write', 'convert', 'order', 'today']}
      troubles={['number', 'twice', 'late']}
    />
  )
}
