import { Bordereau, localId, Periode, Project, type RecordType } from '../../../shared/index.ts'
import { useBelonging } from '../../react/index.ts'
import { SelectField } from '../fields/select-field.tsx'
import { useAppWords } from '../words/app-words.ts'
import { useConstructionWords } from './construction-words.ts'
import { refTo, rowsOf } from './project-rows.ts'

interface PartChoiceProps {
  readonly type: RecordType
  readonly id: string
  readonly project: string | null
}

export const PeriodeField = ({ type, id, project }: PartChoiceProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const { lists } = useBelonging(Project, project === null ? null : localId('project', project))
  const rows = [...(rowsOf(lists, Periode) ?? [])].sort((a, b) => (a.number ?? 0) - (b.number ?? 0))
  return (
    <SelectField
      type={type}
      id={id}
      path="periode"
      label={words.periode}
      none={appWords.none}
      choices={rows.map(row => ({
        value: refTo(Periode, row),
        label: `${words.periodeName(String(row.number ?? ''))} · ${row.state === 'open' ? words.open : words.closed}`,
      }))}
    />
  )
}

export const BordereauField = ({ type, id, project }: PartChoiceProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const { lists } = useBelonging(Project, project === null ? null : localId('project', project))
  return (
    <SelectField
      type={type}
      id={id}
      path="bordereau"
      label={words.bordereau}
      none={appWords.none}
      choices={(rowsOf(lists, Bordereau) ?? []).map(row => ({
        value: refTo(Bordereau, row),
        label: row.title ?? words.bordereau,
      }))}
    />
  )
}
