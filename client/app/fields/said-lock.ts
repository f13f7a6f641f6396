import { createContext } from 'react'

/** Why the record as a whole takes nothing: its page says it once, and its fields do not say it again. */
export const SaidLock = createContext<string | null>(null)
