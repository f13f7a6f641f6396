import { Button } from '@mantine/core'
import { IconCalculator } from '@tabler/icons-react'
import {
  type Attachment,
  Bordereau,
  localId,
  Metre,
  sumQuantities,
  type ViewOf,
} from '../../../shared/index.ts'
import type { LiveRecord } from '../../index.ts'
import { useDesk } from '../../react/index.ts'
import { useWholeList } from '../list-page/use-whole-list.ts'
import { tryTo } from '../record-page/say-trouble.ts'
import { useConstructionWords } from './construction-words.ts'

interface TakeFromMetresProps {
  readonly view: ViewOf<typeof Attachment>
  readonly record: LiveRecord<typeof Attachment>
}

/** What was measured in its période, line by line, so that nobody copies it by hand before it is signed. */
export const TakeFromMetres = ({ view, record }: TakeFromMetresProps) => {
  const words = useConstructionWords()
  const desk = useDesk()
  const { project, periode } = view
  const { rows, total } = useWholeList(
    Metre,
    project === null || periode === null ? null : { where: { project, periode }, count: true },
  )
  const isWhole = rows !== undefined && rows.length >= (total ?? 0)
  const measured = (rows ?? []).filter(row => row.bordereau !== null && Object.keys(row.byLine).length > 0)
  const take = async (): Promise<void> => {
    const quantities = new Map<string, number>()
    for (const [line, quantity] of measured.flatMap(row => Object.entries(row.byLine)))
      quantities.set(line, sumQuantities([quantities.get(line) ?? 0, quantity]))
    const ids = new Set(measured.map(row => localId('bordereau', row.bordereau ?? '')))
    const bordereaux = [...ids].map(id => desk.open(Bordereau, id))
    await Promise.all(bordereaux.map(bordereau => bordereau.whenReady()))
    const lines = record.list('lines')
    tryTo(() => {
      for (const { id, number, designation, unit } of bordereaux.flatMap(({ view }) => view?.lines ?? [])) {
        const quantity = quantities.get(id)
        if (quantity === undefined) continue
        const line = { line: number, designation, unit, quantity }
        if (lines.get(id) === null) lines.add(line, { id })
        else lines.set(id, line)
      }
    })
    for (const bordereau of bordereaux) bordereau.close()
  }
  return (
    <Button
      variant={view.lines.length === 0 ? 'filled' : 'light'}
      leftSection={<IconCalculator size={16} />}
      disabled={measured.length === 0 || !isWhole}
      onClick={() => void take()}
    >
      {words.takeFromMetres}
    </Button>
  )
}
