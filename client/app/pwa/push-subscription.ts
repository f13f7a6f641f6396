// The address under which this browser is pushed to. A browser has one, whoever uses it; and it may be given another.

export interface PushAddress {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

/** Null: nothing can be pushed to this browser. */
export const pushWorker = async (): Promise<ServiceWorkerRegistration | null> =>
  'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis
    ? ((await navigator.serviceWorker.getRegistration()) ?? null)
    : null

export const pushedHere = async (): Promise<PushSubscription | null> => {
  const worker = await pushWorker()
  return (await worker?.pushManager.getSubscription().catch(() => null)) ?? null
}

/**
 * `isMine`: an address that somebody else has used here stays theirs, and is given up; so is one for another key than
 * the server signs with now.
 */
export const subscribeHere = async (
  worker: ServiceWorkerRegistration,
  key: string,
  isMine: (endpoint: string) => boolean,
): Promise<PushAddress | null> => {
  const known = await worker.pushManager.getSubscription()
  const isKept = known !== null && isMine(known.endpoint) && isForKey(known, key)
  if (known !== null && !isKept) await known.unsubscribe()
  const subscription = isKept
    ? known
    : await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  const { endpoint, keys } = subscription.toJSON()
  const { p256dh, auth } = keys ?? {}
  return endpoint === undefined || p256dh === undefined || auth === undefined
    ? null
    : { endpoint, keys: { p256dh, auth } }
}

/** Whoever uses this device next is not shown what is for the last. */
export const leavePush = async (): Promise<void> => {
  const worker = await pushWorker()
  if (worker === null) return
  await (await pushedHere())?.unsubscribe().catch(() => false)
  for (const shown of await worker.getNotifications()) shown.close()
  await setBadge(0)
}

/** On the icon of the installed app. */
export const setBadge = async (unread: number): Promise<void> => {
  if ('setAppBadge' in navigator) await navigator.setAppBadge(unread).catch(() => {})
}

const isForKey = ({ options }: PushSubscription, key: string): boolean => {
  const bytes = options.applicationServerKey
  if (bytes === null) return false
  const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') === key.replaceAll('=', '')
}
