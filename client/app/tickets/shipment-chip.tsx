import { IconArrowBack, IconPackage, IconPackageImport, IconTruck } from '@tabler/icons-react'
import type { RowOf, Shipment } from '../../../shared/index.ts'
import { JustChanged } from '../state/just-changed.tsx'
import { useFieldServiceWords } from './field-service-words.ts'
import './tickets.css'

type State = RowOf<typeof Shipment>['state']

export const ShipmentChip = ({ state }: { readonly state: State }) => {
  const words = useFieldServiceWords()
  const Icon = icons[state]
  return (
    <JustChanged of={state} className="chip-holder">
      <span className="chip" data-status={looks[state]}>
        <Icon size={14} aria-hidden />
        {words[`state_${state}`]}
      </span>
    </JustChanged>
  )
}

const icons = {
  ordered: IconPackage,
  shipped: IconTruck,
  arrived: IconPackageImport,
  returned: IconArrowBack,
} as const
const looks = { ordered: 'open', shipped: 'in_progress', arrived: 'done', returned: 'waiting' } as const
