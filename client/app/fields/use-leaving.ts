import { useEffect, useRef } from 'react'

/** Leaving the page, or the browser, must not lose the last word: `pause` when one looks away, `end` with the field. */
export const useLeaving = (pause: () => void, end: () => void): void => {
  const latest = useRef({ pause, end })
  latest.current = { pause, end }
  useEffect(() => {
    const leave = (): void => latest.current.pause()
    const hide = (): void => {
      if (document.hidden) leave()
    }
    // Before the desk is asked whether all is on the device.
    window.addEventListener('beforeunload', leave, { capture: true })
    document.addEventListener('visibilitychange', hide)
    return () => {
      window.removeEventListener('beforeunload', leave, { capture: true })
      document.removeEventListener('visibilitychange', hide)
      latest.current.end()
    }
  }, [])
}
