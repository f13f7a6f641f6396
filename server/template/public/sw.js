// Keeps the page itself on the device, so that it opens without a network. The records are kept by corecord.
self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', event => {
  const { pathname, origin } = new URL(event.request.url)
  const isPage = event.request.method === 'GET' && origin === self.location.origin && !pathname.startsWith('/api')
  if (isPage) event.respondWith(freshOrKept(event.request))
})

async function freshOrKept(request) {
  const kept = await caches.open('page')
  const key = request.mode === 'navigate' ? '/' : request
  try {
    const answer = await fetch(request)
    if (answer.ok) await kept.put(key, answer.clone())
    return answer
  } catch (error) {
    const known = await kept.match(key)
    if (known === undefined) throw error
    return known
  }
}
