// One file on its way: announced by hash, sent in pieces, taken up where the line broke.

import { isObject } from '../../shared/is-object.ts'
import type { Link } from '../link/link.ts'
import { RequestProblem, requestProblem } from '../link/request-problem.ts'

export interface OutgoingFile {
  readonly hash: string
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The field that is to refer to it, by whose rule it is judged. */
  readonly record: string | null
  readonly path: string | null
}

/** Small enough to get through a bad line, large enough for a good one. */
const PIECE_BYTES = 512 * 1024
/** What a proxy that is set up for forms still lets through. */
const PIECE_BYTES_MIN = 16 * 1024
/** The server is further, or less far, than we thought: we ask it, but not for ever. */
const DISAGREEMENTS_MAX = 5

/** Throws RequestProblem where the server will not have it, anything else where the line broke. */
export const upload = async (
  link: Pick<Link, 'request'>,
  file: OutgoingFile,
  progressed: (share: number) => void,
): Promise<void> => {
  const { hash, type, bytes, record, path } = file
  const announced = {
    hash,
    type,
    bytes: bytes.length,
    ...(record === null || path === null ? {} : { record, path }),
  }
  let state = await stateOf(
    await link.request('/api/blobs', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(announced),
    }),
  )
  let pieceBytes = PIECE_BYTES
  for (let disagreements = 0; state.offset < bytes.length && !state.isStored; ) {
    progressed(state.offset / Math.max(1, bytes.length))
    const response = await link.request(`/api/blobs/${hash}/upload`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(state.offset) },
      body: bytes.slice(state.offset, state.offset + pieceBytes),
    })
    if (isTooMuchForProxy(response) && pieceBytes > PIECE_BYTES_MIN) pieceBytes /= 2
    else if (response.status === 409 && ++disagreements <= DISAGREEMENTS_MAX) {
      state = await stateOf(await link.request(`/api/blobs/${hash}/upload`))
    } else state = await stateOf(response)
  }
  progressed(1)
}

/** The server itself would say so in its own words. */
const isTooMuchForProxy = ({ status, headers }: Response): boolean =>
  status === 413 && headers.get('content-type')?.startsWith('application/problem+json') !== true

const stateOf = async (
  response: Response,
): Promise<{ readonly offset: number; readonly isStored: boolean }> => {
  if (!response.ok) throw await requestProblem(response)
  const body: unknown = await response.json()
  if (!isObject(body) || typeof body.offset !== 'number') {
    throw new RequestProblem('BAD_VERSION', 'The server did not say how much of the file it has.')
  }
  return { offset: body.offset, isStored: body.state === 'stored' }
}
