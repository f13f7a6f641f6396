/** The address of a path of a server that may be at home beneath a folder of a site. */
export const under = (server: string | URL, path: string): URL => {
  const { origin, pathname } = new URL(server)
  return new URL(origin + pathname.replace(/\/+$/, '') + path)
}
