import { HelpPage } from '../help/help-page.tsx'
import { useWarehouseHelpWords } from './warehouse-help-words.ts'

export default function WarehouseHelp() {
  const words = useWarehouseHelpWords()
  return (
    <HelpPage
      lead={words.lead}
      work={[
        { title: words.pick, text: words.pickText },
        { title: words.item, text: words.itemText },
        { title: words.complete, text: words.completeText },
        { title: words.write, text: words.writeText },
        { title: words.assign, text: words.assignText },
        { title: words.wall, text: words.wallText },
      ]}
      troubles={[
        { title: words.lost, text: words.lostText },
        { title: words.dead, text: words.deadText },
        { title: words.code, text: words.codeText },
      ]}
    />
  )
}
