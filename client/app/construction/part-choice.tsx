import { Bordereau, localId, Periode, Project, type RecordType } from '../../../shared/index.ts'
import { useBelonging } from '../../react/index.ts'
import { SelectField } from '../fields/select-field.tsx'
import { refTo } from '../route/route.ts'
import { useAppWords } from '../words/app-words.ts'
import { useConstructionWords } from './construction-words.ts'
import { byNumber } from './project-rows.ts'

interface PartChoiceProps {
  readonly type: RecordType
  readonly id: string
  readonly project: string | null
}

export const PeriodeField = ({ type, id, project }: PartChoiceProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const belonging = useBelonging(Project, project === null ? null : localId('project', project))
  const rows = belonging.rows(Periode)?.slice().sort(byNumber) ?? []
  return (
    <SelectField
      type={type}
      id={id}
      path="periode"
      label={words.periode}
      none={appWords.none}
      choices={rows.map(row => ({
        value: refTo(Periode, row.id),
        label: `${words.periodeName(String(row.number ?? ''))} · ${row.state === 'open' ? words.open : words.closed}`,
      }))}
    />
  )
}

export const BordereauField = ({ type, id, project }: PartChoiceProps) => {
  const words = useConstructionWords()
  const appWords = useAppWords()
  const { rows } = useBelonging(Project, project === null ? null : localId('project', project))
  return (
    <SelectField
      type={type}
      id={id}
      path="bordereau"
      label={words.bordereau}
      none={appWords.none}
      choices={(rows(Bordereau) ?? []).map(row => ({
        value: refTo(Bordereau, row.id),
        label: row.title ?? words.bordereau,
      }))}
    />
  )
}
