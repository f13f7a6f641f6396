import { HelpPage } from '../help/help-page.tsx'
import { useConstructionHelpWords } from './construction-help-words.ts'

export default function ConstructionHelp() {
  const words = useConstructionHelpWords()
  return (
    <HelpPage
      lead={words.lead}
      work={[
        { title: words.take, text: words.takeText },
        { title: words.grid, text: words.gridText },
        { title: words.measure, text: words.measureText },
        { title: words.photo, text: words.photoText },
        { title: words.decompte, text: words.decompteText },
        { title: words.pv, text: words.pvText },
      ]}
      troubles={[
        { title: words.closed, text: words.closedText },
        { title: words.price, text: words.priceText },
      ]}
    />
  )
}
