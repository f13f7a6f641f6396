// What all records of one desk share.

import type { Clock } from '../../shared/record/clock.ts'
import type { Me } from '../../shared/record/record-type.ts'
import type { Carrier } from '../link/carrier.ts'
import type { LocalStore, StorageTrouble } from '../local/local-store.ts'
import type { Surroundings } from '../surroundings.ts'

export interface Workplace {
  readonly me: Me
  readonly clock: Clock
  readonly store: LocalStore
  readonly carrier: Carrier
  readonly surroundings: Surroundings
  /** This tab, among those of the browser. */
  readonly tab: string
  /** What names the person's data on this device: server and user. */
  readonly owner: string
  storageFailed(trouble: StorageTrouble): void
  storageWorks(): void
}
