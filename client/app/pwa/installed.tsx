// The app as a program of its own: it is offered to be installed, and a new version waits for the person's word.

import { useEffect, useState } from 'react'
import { registerSW } from 'virtual:pwa-register'
import { navigate } from '../route/route.ts'
import { Offer } from '../state/offer.tsx'
import { useAppWords } from '../words/app-words.ts'

interface InstallEvent extends Event {
  prompt(): Promise<unknown>
}

const isInstallEvent = (event: Event): event is InstallEvent => 'prompt' in event

let update: ((reload?: boolean) => Promise<void>) | null = null
/** The new version, which all tabs have in common, is loaded: by this tab's person, or by another's. */
let isWanted = false
let isInPlace = false

const loadNew = (): void => {
  isWanted = true
  if (isInPlace) location.reload()
  else void update?.(true)
}
const hourMs = 3_600_000

export const Installed = () => {
  const words = useAppWords()
  const [isNew, setIsNew] = useState(false)
  const [install, setInstall] = useState<InstallEvent | null>(null)
  useEffect(() => {
    // Once a page; and not while vite serves the sources, where nothing is built.
    if (update !== null || !import.meta.env.PROD) return
    update = registerSW({
      onNeedRefresh: () => setIsNew(true),
      onNeedReload: () => {
        isInPlace = true
        // What is being written in this tab waits for its own person's word.
        if (isWanted) location.reload()
        else setIsNew(true)
      },
      onRegisteredSW: (_, registration) => {
        if (registration === undefined) return
        setInterval(() => {
          if (navigator.onLine) void registration.update().catch(() => {})
        }, hourMs)
      },
    })
  }, [])
  useEffect(() => {
    // A notification was touched, and this window is to show what it was about.
    const onMessage = ({ data }: MessageEvent<unknown>): void => {
      if (typeof data === 'object' && data !== null && 'open' in data && typeof data.open === 'string')
        navigate(data.open)
    }
    const worker = navigator.serviceWorker as ServiceWorkerContainer | undefined
    worker?.addEventListener('message', onMessage)
    return () => worker?.removeEventListener('message', onMessage)
  }, [])
  useEffect(() => {
    const onPrompt = (event: Event): void => {
      if (!isInstallEvent(event) || wasDeclined()) return
      event.preventDefault()
      setInstall(event)
    }
    addEventListener('beforeinstallprompt', onPrompt)
    return () => removeEventListener('beforeinstallprompt', onPrompt)
  }, [])
  if (isNew) {
    return (
      <Offer title={words.updateTitle} yes={words.updateNow} onYes={loadNew} onNo={() => setIsNew(false)} />
    )
  }
  if (install === null) return null
  return (
    <Offer
      title={words.installTitle}
      text={words.installText}
      yes={words.install}
      onYes={() => {
        void install.prompt()
        setInstall(null)
      }}
      onNo={() => {
        decline()
        setInstall(null)
      }}
    />
  )
}

const key = 'corecord install declined'
const wasDeclined = (): boolean => {
  try {
    return localStorage.getItem(key) !== null
  } catch {
    return true
  }
}
const decline = (): void => {
  try {
    localStorage.setItem(key, 'yes')
  } catch {
    // It is asked again next time.
  }
}
