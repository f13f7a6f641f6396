import { useEffect } from 'react'
import type { RecordType } from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useLocked, useRecord } from '../../react/index.ts'
import { tryTo } from './say-trouble.ts'

/** What came without a number, as over REST, gets one when somebody who may write it first looks at it. */
export const useNumber = (type: RecordType, id: string): void => {
  const { record, view } = useRecord(type, id)
  const isWithout = 'number' in type.actions && view !== undefined && isWaiting(view as unknown as Numbered)
  const isLocked = useLocked(type, id, '*') !== null
  useEffect(() => {
    const held = record as LiveRecord | null
    if (held === null || !isWithout || isLocked) return
    if (held.actions.every(({ name }) => name !== 'number')) tryTo(() => held.act('number' as never))
  }, [record, isWithout, isLocked])
}

interface Numbered {
  readonly created: number | null
  readonly removed: boolean
  readonly number: string | null
}

const isWaiting = ({ created, removed, number }: Numbered): boolean =>
  created !== null && !removed && number === null
