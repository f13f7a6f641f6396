// Whether this browser is pushed to. What it says to that (its permission, its subscription) is the browser's own;
// where to push is kept in the person's inbox, so that every device shows the list.

import { useCallback, useEffect, useState } from 'react'
import { useDesk, useInbox } from '../../react/index.ts'
import { pushedHere, pushWorker, setBadge, subscribeHere } from '../pwa/push-subscription.ts'
import { type AskServer, useAskServer } from '../session/ask-server.ts'
import { forget, keep, kept } from '../session/kept.ts'
import { useMyId } from '../session/use-my-id.ts'

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

export const usePush = (): Push => {
  const { inbox } = useDesk()
  const ask = useAskServer()
  const me = useMyId()
  const [state, setState] = useState<PushState>('looking')
  const [endpoint, setEndpoint] = useState<string | null>(null)
  useEffect(() => {
    let isGone = false
    void (async () => {
      const worker = await pushWorker()
      const subscription = await pushedHere()
      if (isGone) return
      setEndpoint(subscription?.endpoint ?? null)
      setState(
        worker === null
          ? 'unsupported'
          : Notification.permission === 'denied'
            ? 'denied'
            : subscription === null
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
        const worker = await pushWorker()
        if (worker === null) return setState('unsupported')
        const permission = await Notification.requestPermission()
        if (permission !== 'granted') return setState(permission === 'denied' ? 'denied' : 'off')
        const isMine = (known: string): boolean =>
          inbox.view?.devices.some(device => device.endpoint === known) === true
        const address = await subscribeHere(worker, await pushKey(ask), isMine)
        if (address === null) return setState('failed')
        inbox.addDevice({ ...address, name })
        keep('push', keptAs(me, address.endpoint))
        setEndpoint(address.endpoint)
        setState('on')
      } catch {
        setState('failed')
      }
    },
    [ask, inbox, me],
  )
  const turnOff = useCallback(async () => {
    const subscription = await pushedHere()
    if (subscription !== null) {
      inbox.removeDevice(subscription.endpoint)
      await subscription.unsubscribe().catch(() => false)
    }
    forget('push')
    setEndpoint(null)
    setState('off')
  }, [inbox])
  return { state, endpoint, turnOn, turnOff }
}

/** A browser is given another address at times, or the server another key: where it is pushed to follows. */
export const useFollowedPush = (): void => {
  const { inbox } = useDesk()
  const { view, unread } = useInbox()
  const ask = useAskServer()
  const me = useMyId()
  const isKnown = view !== undefined
  useEffect(() => {
    const before = kept('push')
    if (!isKnown || before === null || !before.startsWith(keptAs(me, ''))) return
    const last = before.slice(keptAs(me, '').length)
    void (async () => {
      const worker = await pushWorker()
      if (worker === null || Notification.permission !== 'granted') return
      const address = await subscribeHere(worker, await pushKey(ask), () => true)
      if (address === null || address.endpoint === last) return
      const name = inbox.view?.devices.find(device => device.endpoint === last)?.name
      inbox.removeDevice(last)
      inbox.addDevice({ ...address, ...(name == null ? {} : { name }) })
      keep('push', keptAs(me, address.endpoint))
      // Without a connection it is looked at again with the next start.
    })().catch(() => {})
  }, [isKnown, inbox, ask, me])
  useEffect(() => {
    if (isKnown) void setBadge(unread)
  }, [isKnown, unread])
}

const keptAs = (user: string, endpoint: string): string => `${encodeURIComponent(user)} ${endpoint}`

const pushKey = async (ask: AskServer): Promise<string> => {
  const body = await ask('/api/inbox/push-key')
  return typeof body === 'object' && body !== null && 'key' in body && typeof body.key === 'string'
    ? body.key
    : ''
}
