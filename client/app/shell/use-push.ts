// Whether this browser is pushed to. What it says to that (its permission, its subscription) is the browser's own;
// where to push is kept in the person's inbox, so that every device shows the list.

import { useCallback, useEffect, useState } from 'react'
import { useDesk } from '../../react/index.ts'
import { useAskServer } from '../session/ask-server.ts'

export type PushState =
  /** This browser cannot, or was told never to. */
  'looking' | 'unsupported' | 'denied' | 'off' | 'on' | 'failed'

export interface Push {
  readonly state: PushState
  /** The address of this browser, where it is pushed to. */
  readonly endpoint: string | null
  turnOn(name: string): Promise<void>
  turnOff(): Promise<void>
}

const registration = async (): Promise<ServiceWorkerRegistration | null> =>
  'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis
    ? ((await navigator.serviceWorker.getRegistration()) ?? null)
    : null

export const usePush = (): Push => {
  const { inbox } = useDesk()
  const ask = useAskServer()
  const [state, setState] = useState<PushState>('looking')
  const [endpoint, setEndpoint] = useState<string | null>(null)
  useEffect(() => {
    let isGone = false
    void (async () => {
      const worker = await registration()
      const subscription = await worker?.pushManager.getSubscription().catch(() => null)
      if (isGone) return
      setEndpoint(subscription?.endpoint ?? null)
      setState(
        worker === null
          ? 'unsupported'
          : Notification.permission === 'denied'
            ? 'denied'
            : subscription == null
              ? 'off'
              : 'on',
      )
    })()
    return () => {
      isGone = true
    }
  }, [])
  const turnOn = useCallback(
    async (name: string) => {
      try {
        const worker = await registration()
        if (worker === null) return setState('unsupported')
        if ((await Notification.requestPermission()) !== 'granted') return setState('denied')
        const body = await ask('/api/inbox/push-key')
        const key =
          typeof body === 'object' && body !== null && 'key' in body && typeof body.key === 'string'
            ? body.key
            : ''
        const subscription = await worker.pushManager.subscribe({
          userVisibleOnly: true,
          applicationServerKey: key,
        })
        const { endpoint: address, keys } = subscription.toJSON()
        const { p256dh, auth } = keys ?? {}
        if (address === undefined || p256dh === undefined || auth === undefined) return setState('failed')
        inbox.addDevice({ endpoint: address, keys: { p256dh, auth }, name })
        setEndpoint(address)
        setState('on')
      } catch {
        setState('failed')
      }
    },
    [ask, inbox],
  )
  const turnOff = useCallback(async () => {
    const worker = await registration()
    const subscription = await worker?.pushManager.getSubscription().catch(() => null)
    if (subscription != null) {
      inbox.removeDevice(subscription.endpoint)
      await subscription.unsubscribe().catch(() => false)
    }
    setEndpoint(null)
    setState('off')
  }, [inbox])
  return { state, endpoint, turnOn, turnOff }
}
