import type { RecordType } from '../../shared/record/record-type.ts'
import { ACTIONS } from '../../shared/record/path.ts'
import { RecordError } from '../../shared/record/record-error.ts'
import type { RecordOnDoc } from '../../shared/record/record.ts'
import { requestKey } from './action-request.ts'

/** The actions that a record is created with. */
export const actionsOnCreate = ({ actions }: RecordType): string[] =>
  Object.keys(actions).filter(name => actions[name]?.onCreate === true)

/**
 * Asks for what a desk asks for when it creates a record, as its number, in the write that creates it: so it is asked
 * for whatever becomes of the server after that. The record is there also where its maker may not ask. Gives the keys of
 * the requests.
 */
export const requestOnCreate = (
  record: RecordOnDoc,
  room: string,
  newId: (action: string) => string,
): readonly string[] =>
  actionsOnCreate(record.type).flatMap(name => {
    if (hasItsNumber(record, name)) return []
    const id = newId(name)
    try {
      record.writeIntents([{ path: `${ACTIONS}/${id}`, value: { name, args: {} }, shown: 'value' }])
    } catch (error) {
      if (!(error instanceof RecordError)) throw error
      return []
    }
    return [requestKey(room, id)]
  })

const hasItsNumber = ({ type, view }: RecordOnDoc, action: string): boolean => {
  const field = type.actions[action]?.numbers?.field
  return field !== undefined && (view[field] ?? null) !== null
}
