import { useEffect, useState } from 'react'

/** True once it has been so for a while; false at once. */
export const useSettled = (isSo: boolean, afterMs: number): boolean => {
  const [isSettled, setIsSettled] = useState(false)
  useEffect(() => {
    if (!isSo) {
      setIsSettled(false)
      return undefined
    }
    const timer = setTimeout(() => setIsSettled(true), afterMs)
    return () => clearTimeout(timer)
  }, [isSo, afterMs])
  return isSo && isSettled
}
