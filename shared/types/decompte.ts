// The arithmetic between bordereau, métrés and décompte. A décompte is a statement somebody signs, so it keeps
// its own lines: `decompteLines` draws them up from the métrés to date, and what is measured later does not
// change what was stated. The totals are derived from those lines, on both sides alike.

import { localId } from '../record/room-name.ts'
import { lineAmount, linesTotal, percentOf, sumBy, sumQuantities } from './amount.ts'

export interface Measurement {
  readonly count: number | null
  readonly length: number | null
  readonly width: number | null
  readonly height: number | null
  readonly quantity: number | null
}

/** A quantity read off, or count × length × width × height of what was measured; 0 when nothing was. */
export const measuredQuantity = (m: Measurement): number => {
  if (m.quantity !== null) return m.quantity
  const factors = [m.count, m.length, m.width, m.height].filter(factor => factor !== null)
  return factors.length === 0 ? 0 : sumQuantities([factors.reduce((product, factor) => product * factor, 1)])
}

export interface MetreFacts {
  readonly periode: string | null
  readonly removed: boolean
  readonly lines: readonly (Measurement & { readonly line: string | null })[]
}

/** Quantity by bordereau line over any number of métrés. */
export const quantitiesByLine = (metres: readonly MetreFacts[]): Map<string, number> =>
  sumBy(
    metres.filter(metre => !metre.removed).flatMap(metre => metre.lines),
    line => line.line ?? '',
    measuredQuantity,
  )

export interface PeriodeFacts {
  readonly id: string
  readonly from: string | null
  readonly to: string | null
  readonly removed: boolean
}

/** The métrés of a période and of all that began before it. Périodes are named by id or as `periode:<id>`. */
export const metresToDate = <M extends MetreFacts>(
  metres: readonly M[],
  periodes: readonly PeriodeFacts[],
  periode: string,
): M[] => {
  const wanted = localId('periode', periode)
  const until = periodes.find(({ id }) => localId('periode', id) === wanted)?.from ?? ''
  const counted = new Set(
    periodes
      .filter(({ removed, from }) => !removed && from !== null && from < until)
      .map(({ id }) => localId('periode', id)),
  ).add(wanted)
  return metres.filter(metre => metre.periode !== null && counted.has(localId('periode', metre.periode)))
}

export interface PricedLine {
  readonly id: string
  readonly number: string | null
  readonly designation: string | null
  readonly unit: string | null
  readonly unitPrice: number | null
}

export interface DecompteLine {
  readonly number: string | null
  readonly designation: string | null
  readonly unit: string | null
  readonly unitPrice: number
  readonly quantity: number
}

/** The lines of a décompte, by bordereau line id: of every line that something was measured for. */
export const decompteLines = (
  bordereau: { readonly lines: readonly PricedLine[] },
  metresToDate: readonly MetreFacts[],
): Map<string, DecompteLine> => {
  const quantities = quantitiesByLine(metresToDate)
  return new Map(
    bordereau.lines
      .filter(({ id }) => quantities.has(id))
      .map(({ id, number, designation, unit, unitPrice }) => [
        id,
        { number, designation, unit, unitPrice: unitPrice ?? 0, quantity: quantities.get(id) ?? 0 },
      ]),
  )
}

export interface DecompteFacts {
  readonly lines: readonly { readonly quantity: number | null; readonly unitPrice: number | null }[]
  readonly retentionPercent: number
  readonly vatPercent: number
  readonly alreadyPaid: number
}

/** All in minor units. */
export interface DecompteTotals {
  /** Works to date, before tax. */
  readonly works: number
  readonly retention: number
  readonly taxable: number
  readonly vat: number
  /** With tax, retention taken off. */
  readonly total: number
  readonly netDue: number
}

export const decompteTotals = (d: DecompteFacts): DecompteTotals => {
  const works = linesTotal(d.lines.map(({ quantity, unitPrice }) => ({ quantity, price: unitPrice })))
  const retention = percentOf(works, d.retentionPercent)
  const taxable = works - retention
  const vat = percentOf(taxable, d.vatPercent)
  const total = taxable + vat
  return { works, retention, taxable, vat, total, netDue: total - d.alreadyPaid }
}

/** By line id; a view's own entries carry no amounts, so that nobody can write one. */
export const amountsByLine = (
  lines: readonly {
    readonly id: string
    readonly quantity: number | null
    readonly unitPrice: number | null
  }[],
): { readonly [line: string]: number } =>
  Object.fromEntries(lines.map(({ id, quantity, unitPrice }) => [id, lineAmount(quantity, unitPrice)]))
