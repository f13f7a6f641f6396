import { useEffect } from 'react'

/** Paper is white: what is printed at night has the colours of the day. */
export const usePrintByDay = (): void => {
  useEffect(() => {
    const root = document.documentElement
    let scheme: string | null = null
    const toDay = (): void => {
      scheme ??= root.getAttribute(SCHEME)
      root.setAttribute(SCHEME, 'light')
    }
    const back = (): void => {
      if (scheme !== null) root.setAttribute(SCHEME, scheme)
      scheme = null
    }
    addEventListener('beforeprint', toDay)
    addEventListener('afterprint', back)
    return () => {
      removeEventListener('beforeprint', toDay)
      removeEventListener('afterprint', back)
    }
  }, [])
}

const SCHEME = 'data-mantine-color-scheme'
