// What happened to a record, as the server keeps it; parsed here, because it comes from the network.

export interface HistoryChange {
  readonly path: string
  readonly from: unknown
  readonly to: unknown
  readonly isLost: boolean
}

export interface HistoryEvent {
  readonly seq: number
  readonly at: number
  readonly by: string
  /** The record began with it; an entry that was added to it is called a creation by the events, too. */
  readonly isBeginning: boolean
  readonly changes: readonly HistoryChange[]
  /** Names of texts that were written in. */
  readonly texts: readonly string[]
}

export interface HistoryPage {
  readonly events: readonly HistoryEvent[]
  readonly next: number | null
}

export const historyPath = (type: string, id: string): string =>
  `/api/records/${encodeURIComponent(type)}/${encodeURIComponent(id)}/history`

export const parseHistory = (body: unknown): HistoryPage => {
  const events = isObject(body) && Array.isArray(body['events']) ? body['events'] : []
  const next = isObject(body) && typeof body['next'] === 'number' ? body['next'] : null
  return { events: events.flatMap(parseEvent), next }
}

const parseEvent = (event: unknown): HistoryEvent[] => {
  if (!isObject(event)) return []
  const { seq, at, by, changes, texts } = event
  if (typeof seq !== 'number' || typeof at !== 'number' || typeof by !== 'string') return []
  return [
    {
      seq,
      at,
      by,
      isBeginning: Array.isArray(changes) && changes.some(isBeginning),
      changes: Array.isArray(changes) ? changes.flatMap(parseChange) : [],
      texts: Array.isArray(texts)
        ? texts.flatMap(text => (isObject(text) ? [String(text['field'])] : []))
        : [],
    },
  ]
}

const parseChange = (change: unknown): HistoryChange[] =>
  isObject(change) && typeof change['path'] === 'string' && !change['path'].startsWith('$')
    ? [{ path: change['path'], from: change['from'], to: change['to'], isLost: change['lost'] === true }]
    : []

const isBeginning = (change: unknown): boolean =>
  isObject(change) && change['path'] === '$created' && change['to'] === true

export const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
