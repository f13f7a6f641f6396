// 2,000 stored docs of 200 edits each, after a restart, opened by one link at once.

import { openLink, linkUrl } from '../link-client.ts'
import { loadGenerator, type Scene } from '../generator.ts'
import { populate, roomNames } from '../populate.ts'

const DOCS = 2000

export default async (scene: Scene): Promise<object> => {
  const generator = await loadGenerator()
  const { server, url } = scene
  await server.start({ clean: true })
  const rooms = roomNames('cold', DOCS)
  for (let i = 0; i < DOCS; i += 100) {
    const writers = await populate(generator, scene, rooms.slice(i, i + 100), 200)
    for (const writer of writers) writer.closeClean()
  }
  await server.idle()
  await server.stop()
  await server.start()
  const [cpu, start] = [server.cpu(), performance.now()]
  const link = await openLink(generator, linkUrl(url), rooms, payload => payload.length > 20)
  const seconds = (performance.now() - start) / 1000
  const spent = server.cpu() - cpu
  link.close()
  return {
    ok: true,
    docs_per_s: Math.round(DOCS / seconds),
    server_cpu_us_per_doc: Math.round((spent * 1e6) / DOCS),
  }
}
