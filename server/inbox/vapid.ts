import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'

export interface VapidKeys {
  readonly publicKey: string
  readonly privateKey: string
}

const KEYS_SPACE = 'inbox-keys'
const VAPID = 'vapid'

/** Made once and kept with the data: browsers have subscribed to this key, and take pushes under no other. */
export const keptVapidKeys = async (
  store: Pick<Store, 'readValues'>,
  committer: Pick<GroupCommit, 'submit'>,
): Promise<VapidKeys> => {
  // Where they are damaged browsers subscribe anew.
  for await (const { key, value } of valuesOf(store, KEYS_SPACE))
    if (key === VAPID) return JSON.parse(value) as VapidKeys
  const { default: webPush } = await import('web-push')
  const keys = webPush.generateVAPIDKeys()
  await committer.submit({
    rooms: [],
    values: [{ space: KEYS_SPACE, key: VAPID, value: JSON.stringify(keys) }],
  })
  return keys
}
