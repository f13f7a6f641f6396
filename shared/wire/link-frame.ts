import * as decoding from 'lib0/decoding'
import { setVarUint, varUintLength } from './var-uint.ts'

/**
 * A frame of the link: a varuint channel, then the payload. Channel 0 is control, its payload JSON text; every
 * other channel is one open record, its payload one channel message. Channel numbers are given by the client,
 * from 1 up, and none is used twice on one link: what the server sent before it heard of a close finds nobody.
 */
export interface LinkFrame {
  readonly channel: number
  readonly payload: Uint8Array
}

export const CONTROL_CHANNEL = 0

/** The payload is a view into the bytes. Null if there is no channel. */
export const readLinkFrame = (bytes: Uint8Array): LinkFrame | null => {
  const first = bytes[0]
  // Most links have fewer than 128 channels open.
  if (first !== undefined && first < 128) return { channel: first, payload: bytes.subarray(1) }
  const decoder = decoding.createDecoder(bytes)
  try {
    const channel = decoding.readVarUint(decoder)
    return { channel, payload: bytes.subarray(decoder.pos) }
  } catch {
    return null
  }
}

export const writeLinkFrame = (channel: number, payload: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(varUintLength(channel) + payload.length)
  frame.set(payload, setVarUint(frame, 0, channel))
  return frame
}
