import { HelpPage } from '../help/help-page.tsx'
import { useSchedulingHelpWords } from './scheduling-help-words.ts'

export default function SchedulingHelp() {
  const words = useSchedulingHelpWords()
  return (
    <HelpPage
      lead={words.lead}
      work={[
        { title: words.open, text: words.openText },
        { title: words.book, text: words.bookText },
        { title: words.next, text: words.nextText },
        { title: words.cancel, text: words.cancelText },
      ]}
      troubles={[
        { title: words.lost, text: words.lostText },
        { title: words.offline, text: words.offlineText },
      ]}
    />
  )
}
