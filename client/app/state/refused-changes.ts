// What was refused as people speak of it: a line that was added, or a record that was begun, is one change and not one
// for each of its cells. The tray takes up again, too, what was begun as a whole.

import type { TrayItem } from '../../index.ts'

export type RefusedChange = readonly [TrayItem, ...TrayItem[]]

export const refusedChanges = (items: readonly TrayItem[]): readonly RefusedChange[] => {
  const begun = new Set(items.filter(isBeginning).map(({ room, path }) => `${room} ${path}`))
  const changes = new Map<string, [TrayItem, ...TrayItem[]]>()
  for (const item of items) {
    const { room, path, id } = item
    const entry = path.split('/').slice(0, 2).join('/')
    const whole = [`${room} ${CREATED}`, `${room} ${entry}/${CREATED}`].find(one => begun.has(one)) ?? id
    const known = changes.get(whole)
    if (known === undefined) changes.set(whole, [item])
    else known.push(item)
  }
  return [...changes.values()]
}

/** Those that say why: what stands beside a part that was refused says only which that was, and why. */
export const reasonsOf = (change: RefusedChange): readonly TrayItem[] =>
  change.filter(({ sentence }) =>
    sentence.split('; ').some(why => !change.some(other => why === `${partOf(other)}: ${other.sentence}`)),
  )

const partOf = ({ path }: TrayItem): string => path.split('/').slice(2).join('/')

const CREATED = '$created'

const isBeginning = ({ path }: TrayItem): boolean => path === CREATED || path.endsWith(`/${CREATED}`)
