// The three clients of the lab, and what its page and their frames say to each other.

export const frameNames = ['office', 'tablet', 'wall'] as const
export type FrameName = (typeof frameNames)[number]

export const isFrameName = (name: unknown): name is FrameName => frameNames.some(each => each === name)

/** Who works in which frame; people of the demo. */
export const personOf: { readonly [F in FrameName]: string } = {
  office: 'lab-office',
  tablet: 'lab-tablet',
  wall: 'lab-wall',
}
export const frameOf = (person: string): FrameName | null =>
  frameNames.find(frame => personOf[frame] === person) ?? null

export const labKinds = ['ticket', 'estimate', 'trebovanje'] as const
export type LabKind = (typeof labKinds)[number]

/** Of each run a record of its own, so that visitors do not meet. */
export const recordIdOf = (run: string): string => `LAB-${run}`

export interface Conditions {
  readonly isOffline: boolean
  /** One way. */
  readonly delayMs: number
  readonly skewMs: number
}

export const fairWeather: Conditions = { isOffline: false, delayMs: 0, skewMs: 0 }

/** What a frame can be asked to do, as its person would by hand. */
export type Deed =
  | { readonly do: 'prepare' }
  | { readonly do: 'claim' }
  | { readonly do: 'release' }
  | {
      readonly do: 'set'
      readonly kind: LabKind
      readonly field: string
      readonly value: string | number | null
    }
  | { readonly do: 'remove' }
  | { readonly do: 'restore' }
  | { readonly do: 'scan'; readonly count: number }
  | { readonly do: 'convert' }
  | { readonly do: 'reload' }

export type ToFrame =
  | { readonly lab: 'conditions'; readonly conditions: Conditions }
  | { readonly lab: 'deed'; readonly deed: Deed }
  | { readonly lab: 'show'; readonly kind: LabKind }

export type FromFrame =
  | { readonly lab: 'here'; readonly frame: FrameName }
  | { readonly lab: 'facts'; readonly frame: FrameName; readonly facts: FrameFacts }

export interface ValueFacts {
  readonly value: unknown
  readonly by: string
}

export interface FieldFacts {
  readonly value: unknown
  readonly by: string | null
  readonly at: number | null
  readonly tentative: boolean
  readonly conflict: readonly ValueFacts[]
}

/** What a frame shows at a moment. */
export interface FrameFacts {
  readonly person: string
  readonly isOnline: boolean
  readonly pending: number
  readonly skewMs: number
  readonly refused: readonly { readonly id: string; readonly path: string; readonly sentence: string }[]
  readonly records: { readonly [K in LabKind]?: RecordFacts }
}

export interface RecordFacts {
  readonly removed: boolean
  readonly removedBy: string
  /** Written by somebody who did not know that it was removed. */
  readonly editedWhileRemoved: boolean
  readonly fields: { readonly [path: string]: FieldFacts }
  readonly scans: number
  readonly orderNumber: string | null
  readonly converting: 'idle' | 'requested' | 'accepted' | 'refused'
}

export const tellFrame = (frame: HTMLIFrameElement | null, message: ToFrame): void => {
  frame?.contentWindow?.postMessage(message, location.origin)
}

export const tellLab = (message: FromFrame): void => {
  parent.postMessage(message, location.origin)
}

/** Messages of our own kind, from our own origin; whatever else a browser’s extensions post is not for us. */
export const isOurs = (event: MessageEvent): boolean =>
  event.origin === location.origin &&
  typeof event.data === 'object' &&
  event.data !== null &&
  'lab' in event.data
