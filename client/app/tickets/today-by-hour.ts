interface Hour {
  readonly hour: string
  opened: number
  done: number
}

/**
 * How many tickets came and were done in each hour of the day as the clock on the wall has it: on the two days of the
 * year on which clocks are changed the hours since midnight are others.
 */
export const todayByHour = (
  created: readonly { readonly created: number | null }[],
  done: readonly { readonly doneAt: number | null }[],
  midnight: number,
): Hour[] => {
  const hours = Array.from({ length: 24 }, (_, hour): Hour => ({ hour: String(hour), opened: 0, done: 0 }))
  const hourOf = (at: number | null): Hour | undefined =>
    at === null || at < midnight ? undefined : hours[new Date(at).getHours()]
  for (const { created: at } of created) {
    const hour = hourOf(at)
    if (hour !== undefined) hour.opened++
  }
  for (const { doneAt } of done) {
    const hour = hourOf(doneAt)
    if (hour !== undefined) hour.done++
  }
  return hours
}
