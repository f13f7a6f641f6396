import { HelpPage } from '../help/help-page.tsx'
import { useSchedulingHelpWords } from './scheduling-help-words.ts'

export default function SchedulingHelp() {
  return (
    <HelpPage
      words={useSchedulingHelpWords()}
      work={['open', 'book', 'next', 'cancel']}
      troubles={['lost', 'offline']}
    />
  )
}
