import { HelpPage } from '../help/help-page.tsx'
import { useSalesHelpWords } from './sales-help-words.ts'

export default function SalesHelp() {
  const words = useSalesHelpWords()
  return (
    <HelpPage
      lead={words.lead}
      work={[
        { title: words.write, text: words.writeText },
        { title: words.convert, text: words.convertText },
        { title: words.order, text: words.orderText },
        { title: words.today, text: words.todayText },
      ]}
      troubles={[
        { title: words.number, text: words.numberText },
        { title: words.twice, text: words.twiceText },
        { title: words.late, text: words.lateText },
      ]}
    />
  )
}
