// A question to the server that no record or list answers: history, mostly. Only with a connection.

import { useCallback } from 'react'
import { useSession } from './session.ts'

export type AskServer = (path: string, signal?: AbortSignal) => Promise<unknown>

export const useAskServer = (): AskServer => {
  const session = useSession()
  const tokenOf = session.state === 'open' ? session.token : null
  return useCallback(
    async (path, signal) => {
      if (tokenOf === null) throw new Error('nobody is signed in')
      const response = await fetch(path, {
        headers: { authorization: `Bearer ${await tokenOf()}` },
        ...(signal === undefined ? {} : { signal }),
      })
      const body: unknown = await response.json()
      if (!response.ok) throw new Error(sentenceOf(body) ?? response.statusText)
      return body
    },
    [tokenOf],
  )
}

const sentenceOf = (body: unknown): string | null =>
  typeof body === 'object' && body !== null && 'detail' in body ? String(body.detail) : null
