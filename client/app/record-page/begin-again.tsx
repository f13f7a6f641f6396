import { useState } from 'react'
import type { FieldsOf, NewValues, RecordType } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { type NewRecord, NewRecordButton } from '../list-page/new-record.tsx'
import { useAppWords } from '../words/app-words.ts'
import { sayTrouble } from './say-trouble.ts'
import { useMayCreate } from './use-may-create.ts'

interface BeginAgainProps<T extends RecordType> {
  readonly type: T
  readonly id: string
  readonly first: NewRecord<T>
}

/** Under the name of what was purged nothing begins by accident; whoever may make a new one can do so on purpose. */
export const BeginAgain = <T extends RecordType>({ type, id, first }: BeginAgainProps<T>) => {
  const words = useAppWords()
  const desk = useDesk()
  const mayCreate = useMayCreate(type)
  const [isAsking, setIsAsking] = useState(false)
  if (!mayCreate) return null
  const begin = async (values: NewValues<FieldsOf<T>>): Promise<boolean> => {
    setIsAsking(true)
    try {
      const record = await desk.createAgain(type, values, { id })
      if ('number' in type.actions) record.act('number' as never)
      record.close()
      return true
    } catch (error) {
      setIsAsking(false)
      sayTrouble(error)
      return false
    }
  }
  return (
    <>
      <div>{words.beginAgainHint}</div>
      <NewRecordButton about={`${type.name}:${id}`} first={first} loading={isAsking} onMake={begin}>
        {words.beginAgain}
      </NewRecordButton>
    </>
  )
}
