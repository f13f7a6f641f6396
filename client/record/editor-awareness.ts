// What the binding of an editor takes for the awareness of its room. Editors take themselves for the doc's client id,
// while presence goes by the one that the server has reserved; and what they say of themselves is theirs alone.

import { Awareness } from 'y-protocols/awareness'

interface Changed {
  readonly added: number[]
  readonly updated: number[]
  readonly removed: number[]
}

export const editorAwareness = (
  present: Awareness,
  share: (fields: { readonly [name: string]: unknown } | null) => void,
): Awareness => {
  const { doc } = present
  const shown = new Awareness(doc)
  clearInterval(shown._checkInterval)

  const followDoc = (): void => {
    const before = shown.clientID
    if (before === doc.clientID) return
    shown.clientID = doc.clientID
    const own = shown.states.get(before)
    shown.states.delete(before)
    shown.meta.delete(before)
    shown.setLocalState(own ?? null)
  }
  /** Under the doc's own id the server may still tell of this very page, before its line was lost. */
  const others = (ids: readonly number[]): number[] =>
    ids.filter(id => id !== present.clientID && id !== doc.clientID)
  const take = (changed: Changed): void => {
    followDoc()
    const told = {
      added: others(changed.added),
      updated: others(changed.updated),
      removed: others(changed.removed),
    }
    for (const id of told.removed) shown.states.delete(id)
    for (const id of [...told.added, ...told.updated]) shown.states.set(id, present.states.get(id) ?? {})
    if (told.added.length + told.updated.length + told.removed.length > 0)
      shown.emit('change', [told, present])
  }

  take({ added: [...present.states.keys()], updated: [], removed: [] })
  present.on('change', take)
  shown.on('update', (_: Changed, origin: unknown) => {
    if (origin === 'local') share(shown.getLocalState())
  })
  shown.on('destroy', () => present.off('change', take))
  return shown
}
