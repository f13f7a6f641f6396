// What the tabs of one person tell each other besides the records they have in common: that something happened to
// one that the other does not have open, that there is something else in the tray, that the person has signed out.
// Works off line.

import { isObject } from '../../shared/wire/shape.ts'
import type { TabPort } from '../surroundings.ts'
import type { HappenedTo } from './event-bus.ts'

export interface DeskTabsEars {
  happened(event: HappenedTo): void
  trayChanged(): void
  signedOut(): void
}

export class DeskTabs {
  readonly #port: TabPort

  constructor(port: TabPort, ears: DeskTabsEars) {
    this.#port = port
    port.onmessage = ({ data }) => {
      if (!isObject(data)) return
      if (data.kind === 'tray') ears.trayChanged()
      if (data.kind === 'signed out') ears.signedOut()
      if (data.kind !== 'happened' || !isObject(data.event)) return
      const { type, action, entity, entityId, by, data: what } = data.event
      if (typeof action !== 'string' || typeof entity !== 'string' || typeof entityId !== 'string') return
      ears.happened({
        type: type === 'create' || type === 'delete' ? type : 'update',
        action,
        entity,
        entityId,
        by: typeof by === 'string' ? by : '',
        from: 'tab',
        data: what,
      })
    }
  }

  happened(event: HappenedTo): void {
    this.#port.postMessage({ kind: 'happened', event: plain(event) })
  }

  trayChanged(): void {
    this.#port.postMessage({ kind: 'tray' })
  }

  signedOut(): void {
    this.#port.postMessage({ kind: 'signed out' })
  }

  close(): void {
    this.#port.onmessage = null
    this.#port.close()
  }
}

/** A derived value may be anything; what crosses tabs is JSON. */
const plain = (event: HappenedTo): unknown => JSON.parse(JSON.stringify(event))
