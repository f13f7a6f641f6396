import { HelpPage } from '../help/help-page.tsx'
import { useWarehouseHelpWords } from './warehouse-help-words.ts'

export default function WarehouseHelp() {
  return (
    <HelpPage
      words={useWarehouseHelpWords()}
      work={['pick', 'item', 'complete', 'write', 'assign', 'wall']}
      troubles={['lost', 'dead', 'code']}
    />
  )
}
