// Giving work to somebody. Two people may do it at once: then the first assignment stands, and the other one is
// told, at once or when the connection is back.

import { notifications } from '@mantine/notifications'
import { useCallback } from 'react'
import type { Desk, LiveRecord } from '../../index.ts'
import { assign, joinPath, localId, type OpenRecord, RecordError, Trebovanje } from '../../../shared/index.ts'
import { useDesk } from '../../react/index.ts'
import { useNameOf } from '../session/directory.tsx'
import { watchClaim } from '../state/claim-outcome.ts'
import { reasonNow } from '../words/type-words.ts'
import { useWarehouseWords } from './warehouse-words.ts'

export interface Assignment {
  readonly trebovanje: string
  readonly worker: string
  readonly zaduznica?: string
  readonly items?: readonly string[]
  readonly day?: string
}

export interface Assigner {
  readonly give: (assignment: Assignment) => Promise<void>
  readonly takeBack: (trebovanje: string, zaduznica: string) => Promise<void>
}

export const useAssign = (): Assigner => {
  const desk = useDesk()
  const words = useWarehouseWords()
  const nameOf = useNameOf()
  const give = useCallback(
    async ({ trebovanje, worker, ...part }: Assignment) => {
      const record = await opened(desk, trebovanje)
      if (record === null) return
      const number = record.view?.number ?? ''
      const id = attempt(number, () => assign(asOpen(record), worker, part))
      if (id === null) {
        record.close()
        return
      }
      watchClaim(
        record as unknown as LiveRecord,
        joinPath('zaduznice', id, 'worker'),
        value => value === worker,
        outcome => {
          if (outcome.kind === 'lost') {
            const by = nameOf(outcome.by)
            tell(
              number,
              `${words.lostAssign(number, nameOf(String(outcome.to)))} ${by === '' ? '' : words.lostAssignBy(by)}`,
            )
          } else if (outcome.kind === 'refused') tell(number, outcome.why)
        },
      )
    },
    [desk, words, nameOf],
  )
  const takeBack = useCallback(
    async (trebovanje: string, zaduznica: string) => {
      const record = await opened(desk, trebovanje)
      if (record === null) return
      attempt(record.view?.number ?? '', () => record.list('zaduznice').set(zaduznica, { cancelled: true }))
      record.close()
    },
    [desk],
  )
  return { give, takeBack }
}

/** Null, and said, where it is not to be had. */
const opened = async (desk: Desk, trebovanje: string): Promise<LiveRecord<typeof Trebovanje> | null> => {
  const record = desk.open(Trebovanje, localId('trebovanje', trebovanje))
  await record.whenReady()
  if (record.state === 'ready') return record
  tell('', reasonNow(record.error ?? { code: 'UNAVAILABLE', sentence: record.state }, Trebovanje))
  record.close()
  return null
}

/** What `assign` uses of a record, the live one has. */
const asOpen = (record: LiveRecord<typeof Trebovanje>): OpenRecord<typeof Trebovanje> =>
  record as unknown as OpenRecord<typeof Trebovanje>

const attempt = <T>(number: string, work: () => T): T | null => {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof RecordError)) throw error
    tell(number, reasonNow(error.problems[0] ?? { sentence: error.message }, Trebovanje))
    return null
  }
}

const tell = (title: string, message: string): void => {
  notifications.show({ title, message, color: 'yellow', autoClose: 20_000, withBorder: true })
}
