import { HelpPage } from '../help/help-page.tsx'
import { useConstructionHelpWords } from './construction-help-words.ts'

export default function ConstructionHelp() {
  return (
    <HelpPage
      words={useConstructionHelpWords()}
      work={['take', 'grid', 'measure', 'photo', 'decompte', 'pv']}
      troubles={['closed', 'price']}
    />
  )
}
