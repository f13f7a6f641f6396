/**
 * A picture from the camera was taken now; one from the album when the file says, by the clock of this device, which may
 * be wrong: how old it is holds by any clock.
 */
export const whenTaken = (
  { lastModified }: { readonly lastModified: number },
  now: number,
  deviceNow: number,
): number => {
  const ageMs = deviceNow - lastModified
  return ageMs > 60_000 ? Math.floor(now - ageMs) : now
}
