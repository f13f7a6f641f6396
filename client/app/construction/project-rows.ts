interface Numbered {
  readonly number: number | null
}

export const byNumber = (a: Numbered, b: Numbered): number => (a.number ?? 0) - (b.number ?? 0)
