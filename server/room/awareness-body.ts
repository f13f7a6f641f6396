import * as decoding from 'lib0/decoding'
import { setVarUint, varUintLength } from '../../shared/wire/var-uint.ts'

/**
 * The body of an awareness message: a count, then for each state its client id, its clock and its JSON; `null` ends
 * a state. Receivers take a state if its clock is higher than the last they saw of that client id, or equal where
 * it ends one.
 */
export interface AwarenessState {
  readonly clientId: number
  readonly clock: number
  readonly json: Uint8Array
}

/**
 * Null if it is malformed, or holds more states than anybody can have to say. The JSON is not looked at. A number so
 * large that it is rounded is read here, and written anew no receiver could read it, nor what stands beside it.
 */
export const readAwarenessBody = (body: Uint8Array, statesMax: number): AwarenessState[] | null => {
  const decoder = decoding.createDecoder(body)
  try {
    const count = decoding.readVarUint(decoder)
    if (count > statesMax) return null
    const states: AwarenessState[] = []
    for (let i = 0; i < count; i++) {
      const clientId = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      if (!Number.isSafeInteger(clientId) || !Number.isSafeInteger(clock)) return null
      states.push({ clientId, clock, json: decoding.readVarUint8Array(decoder) })
    }
    return states
  } catch {
    return null
  }
}

export const NULL_JSON = Buffer.from('null')

export const isNull = (json: Uint8Array): boolean => json.length === 4 && NULL_JSON.equals(json)

const AWARENESS = 1

/** Awareness messages over one list of states: the whole, and the whole without some of them, encoded once. */
export class EncodedStates {
  private readonly bytes: Uint8Array
  /** Where each state begins in `bytes`, and where the last one ends. */
  private readonly starts: number[] = [0]

  constructor(states: readonly AwarenessState[]) {
    let length = 0
    for (const state of states) {
      length += stateLength(state)
      this.starts.push(length)
    }
    this.bytes = new Uint8Array(length)
    let at = 0
    for (const { clientId, clock, json } of states) {
      at = setVarUint(this.bytes, at, clientId)
      at = setVarUint(this.bytes, at, clock)
      at = setVarUint(this.bytes, at, json.length)
      this.bytes.set(json, at)
      at += json.length
    }
  }

  get count(): number {
    return this.starts.length - 1
  }

  message(): Uint8Array {
    return this.messageWithout([])
  }

  /** `indexes` in ascending order. */
  messageWithout(indexes: readonly number[]): Uint8Array {
    const count = this.count - indexes.length
    const length =
      this.bytes.length - indexes.reduce((sum, index) => sum + this.end(index) - this.start(index), 0)
    const bodyLength = varUintLength(count) + length
    const message = new Uint8Array(1 + varUintLength(bodyLength) + bodyLength)
    message[0] = AWARENESS
    let at = setVarUint(message, setVarUint(message, 1, bodyLength), count)
    let from = 0
    for (const index of indexes) {
      message.set(this.bytes.subarray(from, this.start(index)), at)
      at += this.start(index) - from
      from = this.end(index)
    }
    message.set(this.bytes.subarray(from), at)
    return message
  }

  private start(index: number): number {
    return this.starts[index] ?? 0
  }

  private end(index: number): number {
    return this.starts[index + 1] ?? this.bytes.length
  }
}

/** One whole awareness message. */
export const writeAwarenessStates = (states: readonly AwarenessState[]): Uint8Array =>
  new EncodedStates(states).message()

const stateLength = ({ clientId, clock, json }: AwarenessState): number =>
  varUintLength(clientId) + varUintLength(clock) + varUintLength(json.length) + json.length
