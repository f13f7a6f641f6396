/** The default branch of a switch over a union: the compiler refuses what was forgotten, and a running program is loud. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
