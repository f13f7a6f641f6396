// Quantities have three decimals and money is in integer minor units, so that what two sides compute from the
// same lines is the same to the last cent. Floats would not be: 0.1 + 0.2 pieces are not 0.3, and a task that
// has them all would never be complete.

const MILLI = 1000

/** The bounds within which quantity × price stays an exact integer. */
export const QUANTITY = { min: 0, max: 1e6 }
export const PRICE = { min: -1e9, max: 1e9 }

export const sumQuantities = (quantities: Iterable<number>): number => {
  let milli = 0
  for (const quantity of quantities) milli += Math.round(quantity * MILLI)
  return milli / MILLI
}

export const sumBy = <E>(
  entries: Iterable<E>,
  keyOf: (entry: E) => string,
  quantityOf: (entry: E) => number,
): Map<string, number> => {
  const milli = new Map<string, number>()
  for (const entry of entries) {
    const key = keyOf(entry)
    milli.set(key, (milli.get(key) ?? 0) + Math.round(quantityOf(entry) * MILLI))
  }
  return new Map([...milli].map(([key, sum]) => [key, sum / MILLI]))
}

/** Quantity × price, in minor units, rounded half away from zero. */
export const lineAmount = (quantity: number | null, price: number | null): number =>
  dividedRounded(BigInt(Math.round((quantity ?? 0) * MILLI)) * BigInt(price ?? 0), BigInt(MILLI))

export const linesTotal = (
  lines: Iterable<{ readonly quantity: number | null; readonly price: number | null }>,
): number => {
  let total = 0
  for (const { quantity, price } of lines) total += lineAmount(quantity, price)
  return total
}

/** So many percent (two decimals) of an amount in minor units. */
export const percentOf = (amount: number, percent: number): number =>
  dividedRounded(BigInt(amount) * BigInt(Math.round(percent * 100)), 10_000n)

/** For clients that know no minor units: 150000 → 1500.00. */
export const toDecimal = (minorUnits: number): number => minorUnits / 100

const dividedRounded = (value: bigint, divisor: bigint): number => {
  const half = divisor / 2n
  return Number((value < 0n ? value - half : value + half) / divisor)
}
