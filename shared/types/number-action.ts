interface Numbered {
  readonly t: { readonly number: string | null }
  set(writes: { readonly number: string }): void
  next(series: string): number
}

/** The action that gives a record its number, once, from a series without gaps. */
export const numberFrom = (series: string, format: (n: number) => string) => ({
  args: {},
  onCreate: true as const,
  numbers: { series, field: 'number' },
  run: ({ t, set, next }: Numbered): string => {
    if (t.number !== null) return t.number
    const number = format(next(series))
    set({ number })
    return number
  },
})
