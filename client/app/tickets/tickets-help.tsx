import { HelpPage } from '../help/help-page.tsx'
import { useTicketHelpWords } from './ticket-help-words.ts'

export default function TicketsHelp() {
  const words = useTicketHelpWords()
  return (
    <HelpPage
      lead={words.lead}
      work={[
        { title: words.claim, text: words.claimText },
        { title: words.onSite, text: words.onSiteText },
        { title: words.comment, text: words.commentText },
        { title: words.dispatch, text: words.dispatchText },
        { title: words.filters, text: words.filtersText },
        { title: words.parts, text: words.partsText },
        { title: words.bell, text: words.bellText },
        { title: words.wall, text: words.wallText },
      ]}
      troubles={[
        { title: words.claimLost, text: words.claimLostText },
        { title: words.takeRefused, text: words.takeRefusedText },
        { title: words.deleted, text: words.deletedText },
      ]}
    />
  )
}
