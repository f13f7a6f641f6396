import { createECDH } from 'node:crypto'
import type { GroupCommit } from '../store/group-commit.ts'
import type { Store } from '../store/store.ts'
import { valuesOf } from '../store/values-of.ts'

export interface VapidKeys {
  readonly publicKey: string
  readonly privateKey: string
}

export interface VapidIdentity {
  readonly vapid?: VapidKeys | undefined
  readonly vapidSubject?: string | undefined
}

/**
 * Why nothing could be pushed in this name; null: nothing is in the way. Asked at the start: met at a push it looks like
 * a browser that is gone, and one after the other would be forgotten.
 */
export const vapidProblem = ({ vapid, vapidSubject }: VapidIdentity): string | null => {
  if (vapid !== undefined && !isPair(vapid))
    return 'The VAPID keys are no pair: give both as they were made together (npx web-push generate-vapid-keys), or neither, and corecord makes them.'
  if (vapidSubject !== undefined && !/^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s/]+\S*)$/.test(vapidSubject))
    return `The VAPID subject is an address that push services may write to, such as mailto:ops@example.com or https://example.com; not «${vapidSubject}».`
  return null
}

const isPair = ({ publicKey, privateKey }: VapidKeys): boolean => {
  // As browsers and push services read it: without padding.
  if (!/^[\w-]{43}$/.test(privateKey)) return false
  const pair = createECDH('prime256v1')
  try {
    pair.setPrivateKey(privateKey, 'base64url')
  } catch {
    // Of such bytes there is no key.
    return false
  }
  return pair.getPublicKey('base64url') === publicKey
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
