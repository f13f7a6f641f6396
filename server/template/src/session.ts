import { connect, type Desk } from 'corecord/client'
import { records } from '../records.ts'

/** Where a browser is told to keep nothing, asking it throws. */
const kept = (key: string): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

const keep = (key: string, value: string): void => {
  try {
    localStorage.setItem(key, value)
  } catch {
    // It is asked for again with the next visit.
  }
}

/** Who works here; kept, so that the page opens as the same person without a network. */
export const nameHere = (): string | null => kept('name')

export const openDesk = (name: string): Desk => {
  keep('name', name)
  return connect({ records, token: () => tokenFor(name) })
}

export const signOut = async (desk: Desk): Promise<void> => {
  const { done, unsent } = await desk.signOut()
  if (!done && !window.confirm(`${unsent} edits are not saved yet. Leave without them?`)) return
  if (!done) await desk.signOut({ discardUnsent: true })
  if (nameHere() !== null) localStorage.clear()
  location.assign('/')
}

let isOpening = true

const tokenFor = async (name: string): Promise<string> => {
  const key = `token ${name}`
  const last = kept(key)
  // The page opens at once with the last one, which says who this is. A server that does not take it any more has
  // another asked for; off line nobody checks it.
  const isEnough = isOpening && last !== null
  isOpening = false
  if (isEnough) return last
  const token = (await signIn(name).catch(() => null)) ?? last
  if (token === null) throw new Error('the server cannot be reached to sign in')
  keep(key, token)
  return token
}

/** Where the network is there in name only, a browser alone would wait for minutes. */
const PATIENCE_MS = 10_000

const signIn = async (name: string): Promise<string | null> => {
  const answer = await fetch('/api/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  })
  if (!answer.ok) return null
  const { token }: { token: string } = await answer.json()
  return token
}
