import { HelpPage } from '../help/help-page.tsx'
import { useTicketHelpWords } from './ticket-help-words.ts'

export default function TicketsHelp() {
  return (
    <HelpPage
      words={useTicketHelpWords()}
      work={['claim', 'onSite', 'comment', 'dispatch', 'filters', 'parts', 'bell', 'wall']}
      troubles={['claimLost', 'takeRefused', 'deleted']}
    />
  )
}
