interface Numbered {
  readonly number: number | null
}

export const byNumber = (a: Numbered, b: Numbered): number => (a.number ?? 0) - (b.number ?? 0)

/** By a day that a row has, or not yet. */
export const latestFirst =
  <K extends string>(day: K) =>
  (a: { readonly [N in K]: string | null }, b: { readonly [N in K]: string | null }): number =>
    (b[day] ?? '').localeCompare(a[day] ?? '')
