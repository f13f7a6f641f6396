/** What an error says, whatever it was that was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** And what lies beneath, as of a fetch that failed. */
export const reasonWithCause = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined
  // Of several addresses that were tried, the error that holds them all says nothing but its code.
  if (cause instanceof Error)
    return `${reasonOf(error)}: ${cause.message || String(Reflect.get(cause, 'code'))}`
  return reasonOf(error)
}
