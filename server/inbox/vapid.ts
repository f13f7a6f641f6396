import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'

export interface VapidKeys {
  readonly publicKey: string
  readonly privateKey: string
}

const KEYS_SPACE = 'inbox-keys'
const VAPID = 'vapid'

/** Made once and kept with the data: browsers have subscribed to this key, and take pushes under no other. */
export const keptVapidKeys = async (
  store: Pick<Store, 'readValue'>,
  committer: Pick<GroupCommit, 'submit'>,
): Promise<VapidKeys> => {
  const kept = await store.readValue(KEYS_SPACE, VAPID)
  if (kept !== null) return JSON.parse(kept) as VapidKeys
  const { default: webPush } = await import('web-push')
  const keys = webPush.generateVAPIDKeys()
  await committer.submit({
    rooms: [],
    values: [{ space: KEYS_SPACE, key: VAPID, value: JSON.stringify(keys) }],
  })
  return keys
}
