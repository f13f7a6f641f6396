// Who works in this tab, and the desk that is open for them. In the demo a tab may be anybody, and each tab
// somebody else; elsewhere a person brings a token.

import { useSyncExternalStore } from 'react'
import { type Desk, connect, type Surroundings } from '../../index.ts'
import { demoRecords } from '../../../shared/index.ts'
import { leavePush } from '../pwa/push-subscription.ts'
import { type DemoPerson, fetchDemoPeople, keptDemoPeople } from './demo-people.ts'
import { forget, keep, kept, keyOf, ofTab } from './kept.ts'
import { areDraftsKept, forgetDrafts, forgetDraftsHere, keepDrafts } from './kept-drafts.ts'
import { nameInToken } from './token-name.ts'

export type Session =
  | { readonly state: 'starting' }
  /** The first visit, and no server: nothing is known yet. */
  | { readonly state: 'unreachable' }
  | { readonly state: 'signed out'; readonly isDemo: boolean }
  | {
      readonly state: 'open'
      readonly desk: Desk
      readonly person: { readonly id: string; readonly name: string; readonly roles: readonly string[] }
      readonly isDemo: boolean
      /** For what is asked beside the desk. */
      readonly token: () => Promise<string>
    }

export interface Start {
  /** A person of the demo, whatever this tab remembers. */
  readonly as?: string
  readonly surroundings?: Partial<Surroundings>
  /** What this tab says of itself is not what the next one shall begin with. */
  readonly isForgetful?: boolean
}

const listeners = new Set<() => void>()
let session: Session = { state: 'starting' }
let people: readonly DemoPerson[] | null = null
let start: Start = {}

const subscribe = (tell: () => void): (() => void) => {
  listeners.add(tell)
  return () => listeners.delete(tell)
}

export const useSession = (): Session => useSyncExternalStore(subscribe, () => session)

export const useDemoPeople = (): readonly DemoPerson[] =>
  useSyncExternalStore(subscribe, () => people ?? nobody)

const nobody: readonly DemoPerson[] = []

function set(next: Session): void {
  session = next
  for (const tell of [...listeners]) tell()
}

/** Looks at what the device knows first, so that the app starts with no network. */
export const begin = async (with_: Start = {}): Promise<void> => {
  start = with_
  addEventListener('storage', toldOfStorage)
  addEventListener('pageshow', broughtBack)
  people = keptDemoPeople()
  // A frame of the lab is always its own person.
  const token = start.as === undefined ? kept('token') : null
  if (token !== null) {
    openWithToken(token)
    return
  }
  if (people !== null) {
    openAs(chosenPerson(people))
    void refreshPeople()
    return
  }
  const answer = await refreshPeople()
  if (answer === 'unreachable') {
    set({ state: 'unreachable' })
    tryAgain()
  } else if (answer === 'no demo' || people === null) set({ state: 'signed out', isDemo: false })
  else openAs(chosenPerson(people))
}

/** Nobody tells a page that the server is back, so it asks; at once where the network was what was away. */
function tryAgain(): void {
  const again = (): void => {
    clearTimeout(timer)
    removeEventListener('online', again)
    void begin(start)
  }
  const timer = setTimeout(again, ASK_AGAIN_MS)
  addEventListener('online', again)
}

const ASK_AGAIN_MS = 5_000

async function refreshPeople(): Promise<'demo' | 'no demo' | 'unreachable'> {
  const answer = await fetchDemoPeople(start.surroundings?.fetch)
  if (Array.isArray(answer)) {
    people = answer
    for (const tell of [...listeners]) tell()
    return 'demo'
  }
  return answer === null ? 'no demo' : 'unreachable'
}

function chosenPerson(among: readonly DemoPerson[]): DemoPerson {
  const wanted = [start.as, ofTab.read(keyOf('person')), kept('person')]
  for (const id of wanted) {
    const person = among.find(one => one.id === id)
    if (person !== undefined) return person
  }
  const first = among.find(({ id }) => id === 'dana') ?? among[0]
  if (first === undefined) throw new Error('the demo has no people')
  return first
}

function openAs({ id, name, roles }: DemoPerson): void {
  if (start.isForgetful !== true) {
    ofTab.write(keyOf('person'), id)
    keep('person', id)
  }
  let lastGiven: string | undefined
  const token = async (): Promise<string> => {
    const known = people?.find(person => person.id === id)
    if (known === undefined) throw new Error(`the demo does not know ${name}`)
    return known.token
  }
  const desk = connect({
    records: demoRecords,
    token: async () => {
      let token = people?.find(person => person.id === id && person.expiresAt > Date.now())?.token
      // The server may have begun anew, with another secret: then it says who its people are.
      if (token === undefined || token === lastGiven) await refreshPeople()
      token = people?.find(person => person.id === id)?.token
      if (token === undefined) throw new Error(`the demo does not know ${name}`)
      lastGiven = token
      return token
    },
    ...(start.surroundings === undefined ? {} : { surroundings: start.surroundings }),
  })
  set({ state: 'open', desk, person: { id, name, roles }, isDemo: true, token })
}

function openWithToken(token: string): void {
  const person = nameInToken(token)
  if (person === null) {
    forget('token')
    set({ state: 'signed out', isDemo: false })
    return
  }
  lastToken = token
  const desk = connect({
    records: demoRecords,
    token: tokenNow,
    ...(start.surroundings === undefined ? {} : { surroundings: start.surroundings }),
  })
  set({ state: 'open', desk, person, isDemo: false, token: async () => tokenNow() })
}

/** A browser may keep nothing. */
let lastToken = ''
const tokenNow = (): string => kept('token') ?? lastToken

export const signIn = (token: string): boolean => {
  if (nameInToken(token) === null) return false
  keep('token', token)
  openWithToken(token)
  return true
}

/** After their token has ended the same person goes on, with what they wrote meanwhile. */
export const signInAgain = (token: string): 'done' | 'no token' | 'of another' => {
  const named = nameInToken(token)
  if (session.state !== 'open' || named === null) return 'no token'
  if (named.id !== session.person.id) return 'of another'
  keep('token', token)
  lastToken = token
  // It may say another name, or other roles, than the one before.
  set({ ...session, person: named })
  void session.desk.sync()
  return 'done'
}

/** What the one before has not sent stays here, and goes out once they are back. */
export const signInInstead = async (token: string): Promise<void> => {
  if ((await signOut(undefined, 'kept')) > 0) await signOut('kept')
  signIn(token)
}

/** What the other person's tab held stays theirs, on the device, until they are back. */
export const becomePerson = async (id: string): Promise<void> => {
  const person = people?.find(one => one.id === id)
  if (person === undefined) return
  const before = session
  set({ state: 'starting' })
  if (before.state === 'open') await before.desk.close()
  openAs(person)
}

function toldOfStorage({ key }: StorageEvent): void {
  // A key of null says that everything was taken away.
  if (key === null || key === keyOf('token')) signedElsewhere()
}

/** What changed while the browser held the page back it was not told. */
function broughtBack({ persisted }: PageTransitionEvent): void {
  if (persisted) signedElsewhere()
}

/** Another tab of this device signed its person out, or another one in: nothing of the first stays on the screen. */
function signedElsewhere(): void {
  // A frame of the lab is always its own person.
  if (start.as !== undefined) return
  const token = kept('token')
  const person = token === null ? null : nameInToken(token)
  if (session.state === 'open') {
    // A visitor of the demo is somebody in this tab alone.
    if (session.isDemo) return
    // A token that is renewed is of the same person.
    if (person?.id === session.person.id) {
      set({ ...session, person })
      return
    }
    void session.desk.close()
    if (!areDraftsKept(session.person.id)) forgetDraftsHere(session.person.id)
    set({ state: 'signed out', isDemo: people !== null })
  }
  if (token !== null && person !== null && session.state === 'signed out') openWithToken(token)
}

/** Unless it was said what is to become of it, nothing happens while something is on this device alone. */
export const signOut = async (
  unsentIs?: 'kept' | 'discarded',
  draftsAre: 'kept' | 'forgotten' = unsentIs === 'kept' ? 'kept' : 'forgotten',
): Promise<number> => {
  if (session.state !== 'open') return 0
  const { isDemo, desk, person } = session
  // Before the desk is left: another tab looks for it as soon as it hears of that.
  if (draftsAre === 'kept') keepDrafts(person.id)
  // It goes with the next token of theirs; a tablet that changes hands need not wait for them.
  if (unsentIs === 'kept') await desk.close()
  else {
    const { done, unsent } = await desk.signOut({ discardUnsent: unsentIs === 'discarded' })
    if (!done) return unsent
    if (draftsAre === 'forgotten') forgetDrafts(person.id)
  }
  forget('token')
  forget('push')
  set({ state: 'signed out', isDemo })
  await leavePush()
  return 0
}
