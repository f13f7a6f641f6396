// The lab's own state: the weather of each frame, what the frames show, the case that is being played, the story.

import type { LabCase, Stage } from './cases.ts'
import {
  type Conditions,
  type Deed,
  fairWeather,
  type FrameFacts,
  type FrameName,
  frameNames,
  type FromFrame,
  isFrameName,
  isOurs,
  type LabKind,
  labKinds,
  tellFrame,
} from './frames.ts'
import { policyOf } from './policy-of.ts'
import { Story } from './story.ts'

/** How long a person needs to see that something has changed; `?pace=` is for who has seen it before. */
export const PACE_MS = 1_100
const PATIENCE_MS = 30_000

export class Laboratory {
  readonly run: string
  readonly story = new Story({ policyOf, now: () => Date.now() })
  readonly #listeners = new Set<() => void>()
  readonly #frames = new Map<FrameName, HTMLIFrameElement>()
  readonly #facts = new Map<FrameName, FrameFacts>()
  readonly #conditions = new Map<FrameName, Conditions>()
  /** Loaded anew: what they still say was before. */
  readonly #reloading = new Set<FrameName>()
  #kind: LabKind = 'ticket'
  #playing: LabCase['key'] | null = null
  #version = 0
  #isPrepared = false
  #isReady = false

  readonly #paceMs: number

  constructor(run: string, paceMs: number) {
    this.run = run
    this.#paceMs = paceMs
  }

  start(): () => void {
    const onMessage = (event: MessageEvent): void => {
      // Our own frames', which `isOurs` has checked.
      if (isOurs(event)) this.#take(event.data as FromFrame)
    }
    addEventListener('message', onMessage)
    return () => removeEventListener('message', onMessage)
  }

  readonly subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell)
    return () => this.#listeners.delete(tell)
  }

  readonly version = (): number => this.#version

  get kind(): LabKind {
    return this.#kind
  }

  get playing(): LabCase['key'] | null {
    return this.#playing
  }

  /** All three have the records, and what made them is saved; what happens from then on is told. */
  get isReady(): boolean {
    return this.#isReady
  }

  attach(frame: FrameName, element: HTMLIFrameElement | null): void {
    if (element === null) this.#frames.delete(frame)
    else this.#frames.set(frame, element)
  }

  conditionsOf(frame: FrameName): Conditions {
    return this.#conditions.get(frame) ?? fairWeather
  }

  setConditions(frame: FrameName, change: Partial<Conditions>): void {
    const conditions = { ...this.conditionsOf(frame), ...change }
    this.#conditions.set(frame, conditions)
    tellFrame(this.#frames.get(frame) ?? null, { lab: 'conditions', conditions })
    this.#changed()
  }

  show(kind: LabKind): void {
    this.#kind = kind
    for (const frame of this.#frames.values()) tellFrame(frame, { lab: 'show', kind })
    this.#changed()
  }

  async play(which: LabCase, name: string): Promise<void> {
    if (this.#playing !== null) return
    this.#playing = which.key
    this.show(which.kind)
    this.story.begin(name)
    this.#changed()
    try {
      await which.play(this.#stage)
    } finally {
      this.#playing = null
      this.#changed()
    }
  }

  readonly #stage: Stage = {
    weather: async (frame, conditions) => {
      this.setConditions(frame, conditions)
      await pause(this.#paceMs / 2)
    },
    deed: (frame, deed) => this.#deed(frame, deed),
    until: async (frame, holds) => {
      const giveUpAt = Date.now() + PATIENCE_MS
      while (Date.now() < giveUpAt) {
        const facts = this.#facts.get(frame)
        if (facts !== undefined && holds(facts)) return
        await pause(60)
      }
    },
    pause: () => pause(this.#paceMs),
  }

  #deed(frame: FrameName, deed: Deed): void {
    if (deed.do === 'reload') {
      this.#reloading.add(frame)
      this.#facts.delete(frame)
    }
    tellFrame(this.#frames.get(frame) ?? null, { lab: 'deed', deed })
  }

  #take(message: FromFrame): void {
    if (!isFrameName(message.frame)) return
    if (message.lab === 'here') {
      this.#reloading.delete(message.frame)
      const frame = this.#frames.get(message.frame) ?? null
      tellFrame(frame, { lab: 'conditions', conditions: this.conditionsOf(message.frame) })
      tellFrame(frame, { lab: 'show', kind: this.#kind })
      if (message.frame === 'office' && !this.#isPrepared) {
        this.#isPrepared = true
        this.#deed('office', { do: 'prepare' })
      }
      return
    }
    if (this.#reloading.has(message.frame)) return
    this.#facts.set(message.frame, message.facts)
    const isNews = this.story.take(message.frame, message.facts)
    if (!this.#isReady) {
      this.story.clear()
      this.#isReady = frameNames.every(frame => isSettled(this.#facts.get(frame)))
    }
    if (isNews || this.#isReady) this.#changed()
  }

  #changed(): void {
    this.#version++
    for (const tell of [...this.#listeners]) tell()
  }
}

const isSettled = (facts: FrameFacts | undefined): boolean =>
  facts !== undefined && facts.pending === 0 && labKinds.every(kind => facts.records[kind] !== undefined)

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))
