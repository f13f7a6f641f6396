import { ofTab } from '../session/kept.ts'
import type { Start } from '../session/session.ts'
import { FrameNetwork } from './frame-network.ts'
import { type Conditions, fairWeather, isFrameName, isOurs, personOf, type ToFrame } from './frames.ts'

export const network = new FrameNetwork()

/** A frame is a client like any other, but for its network, its clock, and the name of its storage. */
export const startOfFrame = (frame: string): Start => {
  if (!isFrameName(frame)) return { isForgetful: true }
  const run = new URL(location.href).searchParams.get('run') ?? ''
  const key = `corecord lab ${frame} ${run}`
  // The weather stays as it was when a frame is loaded anew.
  network.set(conditionsIn(ofTab.read(key)))
  addEventListener('message', event => {
    if (!isOurs(event)) return
    // Our own page's, which `isOurs` has checked.
    const message = event.data as ToFrame
    if (message.lab !== 'conditions') return
    network.set(message.conditions)
    ofTab.write(key, JSON.stringify(message.conditions))
  })
  return {
    as: personOf[frame],
    isForgetful: true,
    surroundings: network.surroundings(`lab ${run} ${frame}`),
  }
}

const conditionsIn = (text: string | null): Conditions => {
  if (text === null) return fairWeather
  try {
    return { ...fairWeather, ...(JSON.parse(text) as Partial<Conditions>) }
  } catch {
    return fairWeather
  }
}
