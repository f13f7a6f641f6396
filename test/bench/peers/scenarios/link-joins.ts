// People with a screen full of records: 100 links, each with 200 channels to rooms of 20 fields.

import { openLink, linkUrl, type OpenedLink } from '../link-client.ts'
import { loadGenerator, type Scene } from '../generator.ts'
import { populate, roomNames } from '../populate.ts'

const ROOMS = 200
const LINKS = 100
const AT_ONCE = 8

export default async (scene: Scene): Promise<object> => {
  const generator = await loadGenerator()
  const { server, url } = scene
  await server.start({ clean: true })
  const rooms = roomNames('storm', ROOMS)
  const holders = await populate(generator, scene, rooms, 20)
  const links: OpenedLink[] = []
  const [cpu, start] = [server.cpu(), performance.now()]
  for (let i = 0; i < LINKS; i += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, LINKS - i) }, () =>
      openLink(generator, linkUrl(url), rooms, payload => payload.length > 20),
    )
    links.push(...(await Promise.all(some)))
  }
  const seconds = (performance.now() - start) / 1000
  const channels = LINKS * ROOMS
  const spent = server.cpu() - cpu
  for (const link of links) link.close()
  for (const holder of holders) holder.close()
  return {
    ok: true,
    channels,
    channels_per_s: Math.round(channels / seconds),
    server_cpu_us_per_channel: Math.round((spent * 1e6) / channels),
  }
}
