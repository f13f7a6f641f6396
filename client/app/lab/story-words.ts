import { useFormat } from '../format/use-format.ts'
import { priorities, statuses } from '../tickets/ticket-choices.ts'
import { useTicketWords } from '../tickets/ticket-words.ts'
import { frameOf, type LabKind } from './frames.ts'
import { useLabWords } from './lab-words.ts'
import type { StoryEntry } from './story.ts'

export interface Told {
  readonly sentence: string
  readonly why: string | null
}

/** An entry in words: what happened, and by which rule it came out like that. */
export const useStoryWords = (): ((entry: StoryEntry) => Told) => {
  const words = useLabWords()
  const ticketWords = useTicketWords()
  const format = useFormat()

  const who = (person: string): string => words[`who_${frameOf(person) ?? 'other'}`]
  const fieldName = (path: string): string => {
    switch (path) {
      case 'title':
      case 'priority':
      case 'quote':
      case 'claimedBy':
      case 'status':
      case 'customer':
        return words[`field_${path}`]
      default:
        return path
    }
  }
  const shown = (_: LabKind, path: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') return words.nothing
    if (path === 'quote' && typeof value === 'number') return format.money(value)
    if (path === 'claimedBy' && typeof value === 'string') return who(value)
    const priority = priorities.find(each => each === value)
    if (path === 'priority' && priority !== undefined) return words.value(ticketWords[`priority_${priority}`])
    const status = statuses.find(each => each === value)
    if (path === 'status' && status !== undefined) return words.value(ticketWords[`status_${status}`])
    return words.value(String(value))
  }
  const clockOf = (skewMs: number): string => {
    const hours = format.number(Math.abs(Math.round(skewMs / 3_600_000)))
    return skewMs === 0 ? words.clockRight : skewMs > 0 ? words.clockAhead(hours) : words.clockBehind(hours)
  }

  return ({ frame, fact }) => {
    const name = words[`Who_${frame ?? 'other'}`]
    switch (fact.tells) {
      case 'case':
        return { sentence: words.caseBegins(fact.name), why: null }
      case 'lost network':
        return { sentence: words.lostNetwork(name), why: words.lostNetworkWhy }
      case 'came back':
        return {
          sentence: fact.unsent === 0 ? words.cameBack(name) : words.cameBackWith(name, fact.unsent),
          why: null,
        }
      case 'saved':
        return { sentence: words.saved(name, format.number(fact.count)), why: words.savedWhy }
      case 'clock':
        return { sentence: words.clockSet(name, clockOf(fact.skewMs)), why: words.clockSetWhy }
      case 'wrote': {
        if (fact.path === 'claimedBy' && fact.value !== null) {
          return {
            sentence: fact.isOffline ? words.claimsOffline(name) : words.claims(name),
            why: fact.isTentative && fact.isOffline ? words.wroteTentative : null,
          }
        }
        const field = fieldName(fact.path)
        const value = shown(fact.kind, fact.path, fact.value)
        const sentence =
          fact.value === null || fact.value === ''
            ? words.clears(name, field)
            : fact.isOffline
              ? words.wroteOffline(name, field, value)
              : words.wrote(name, field, value)
        return { sentence, why: fact.isTentative && fact.isOffline ? words.wroteTentative : null }
      }
      case 'conflict': {
        const value = shown(fact.kind, fact.path, fact.shown.value)
        if (fact.path === 'claimedBy') {
          const claimers = [fact.shown, ...fact.others].map(each => who(each.by)).join(', ')
          return { sentence: words.claimedTwice(claimers), why: words.why_first(capital(value)) }
        }
        const values = [fact.shown, ...fact.others]
          .map(each => words.valueOf(shown(fact.kind, fact.path, each.value), who(each.by)))
          .join(', ')
        return {
          sentence: words.conflict(fieldName(fact.path), values),
          why: words[`why_${fact.policy}`](capital(value)),
        }
      }
      case 'settled':
        return {
          sentence: words.settled(
            capital(who(fact.by)),
            fieldName(fact.path),
            shown(fact.kind, fact.path, fact.value),
          ),
          why: words.settledWhy,
        }
      case 'confirmed':
        return {
          sentence: words.confirmed(shown(fact.kind, fact.path, fact.value), fieldName(fact.path)),
          why: null,
        }
      case 'removed':
        return { sentence: words.removed(name), why: words.removedWhy }
      case 'restored':
        return { sentence: words.restored(name), why: null }
      case 'edited while removed':
        return { sentence: words.editedWhileRemoved, why: words.editedWhileRemovedWhy }
      case 'scanned': {
        const count = format.number(fact.count)
        return {
          sentence: fact.isOffline ? words.scannedOffline(name, count) : words.scanned(name, count),
          why: null,
        }
      }
      case 'scans everywhere':
        return { sentence: words.scansEverywhere(format.number(fact.count)), why: words.scansEverywhereWhy }
      case 'asked to convert':
        return {
          sentence: fact.isOffline ? words.askedToConvertOffline(name) : words.askedToConvert(name),
          why: null,
        }
      case 'converted':
        return { sentence: words.converted(fact.number), why: words.convertedWhy }
      case 'answered':
        return { sentence: words.answered(name, fact.number), why: words.answeredWhy }
      case 'stamp set right':
        return {
          sentence: words.stampSetRight(
            name,
            fieldName(fact.path),
            format.number(Math.round(fact.byMs / 3_600_000)),
          ),
          why: words.stampSetRightWhy,
        }
      case 'refused':
        return { sentence: words.refused(name, fact.sentence), why: words.refusedWhy }
    }
  }
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1)
