import { MultiSelect } from '@mantine/core'
import { Project } from '../../../shared/index.ts'
import { useRecord } from '../../react/index.ts'
import { FieldFrame } from '../fields/field-frame.tsx'
import { tryTo } from '../record-page/say-trouble.ts'
import { useNameOf, usePeopleWithRole } from '../session/directory.tsx'
import { useConstructionWords } from './construction-words.ts'

export const EngineersField = ({ id }: { readonly id: string }) => {
  const words = useConstructionWords()
  const nameOf = useNameOf()
  const people = usePeopleWithRole('engineer')
  const { record } = useRecord(Project, id)
  return (
    <FieldFrame type={Project} id={id} path="engineers" label={words.engineers} className="span-all">
      {(field, inputId) => {
        const chosen = Array.isArray(field.value) ? field.value.filter(one => typeof one === 'string') : []
        const choices = [...new Set([...people.map(person => person.id), ...chosen])]
        return (
          <MultiSelect
            id={inputId}
            size="sm"
            value={chosen}
            data={choices.map(value => ({ value, label: nameOf(value) }))}
            disabled={field.readOnly}
            onFocus={field.focus}
            onBlur={field.blur}
            onChange={next => void tryTo(() => record?.union('engineers').set(next))}
          />
        )
      }}
    </FieldFrame>
  )
}
