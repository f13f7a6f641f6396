// Keeps the page itself on the device, so that it opens without a network. The records are kept by corecord.
const PATIENCE_MS = 4_000

self.addEventListener('install', event => {
  self.skipWaiting()
  // The page of the first visit came before this worker.
  event.waitUntil(fetch('/').then(keepPage).catch(() => {}))
})
self.addEventListener('activate', event => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', event => {
  const { request } = event
  const { pathname, origin } = new URL(request.url)
  const isAsked = request.method === 'GET' && origin === self.location.origin && !pathname.startsWith('/api')
  // A part of a file, as of a film, is nothing to keep.
  if (isAsked && !request.headers.has('range')) event.respondWith(freshOrKept(event, pathname))
})

async function freshOrKept(event, pathname) {
  const { request } = event
  const isWhole = request.mode === 'navigate'
  const known = await caches.match(isWhole ? '/' : request).catch(() => undefined)
  // What stands there is named after what is in it.
  if (known !== undefined && pathname.startsWith('/assets/')) return known
  const fresh = fetch(request)
  const ours = fresh.then(async answer => ((await isOurs(answer, isWhole)) ? answer : undefined))
  const keeping = ours.then(answer => answer && (isWhole ? keepPage(answer) : keep(request, answer)))
  // A full device keeps nothing, and shows what came.
  event.waitUntil(keeping.catch(() => {}))
  if (known === undefined) return (await fresh).clone()
  const shown = isWhole ? fresh.then(answer => (isElsewhere(answer, pathname) ? answer : ours)) : ours
  // No network, one that is there in name only, a proxy without its server, or a hotel's own page in the place of ours.
  const late = new Promise(done => setTimeout(done, PATIENCE_MS))
  const answer = await Promise.race([shown, late]).catch(() => undefined)
  return answer === undefined ? known : answer.clone()
}

/** A file, a page that has an address of its own, or the way to where one signs in before anything is let through. */
const isElsewhere = (answer, pathname) =>
  answer.type === 'opaqueredirect' || (answer.ok && (pathname !== '/' || !isPage(answer)))

const isPage = answer => answer.headers.get('content-type')?.startsWith('text/html') === true

/** The scripts and styles of a page, where it is this app's. */
const partsOf = page => [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path)

async function isOurs(answer, isWhole) {
  if (!answer.ok) return false
  if (isWhole) return partsOf(await answer.clone().text()).length > 0
  return !isPage(answer)
}

/** With all that it needs, or not at all; what only the one before it needed goes. */
async function keepPage(answer) {
  if (!(await isOurs(answer, true))) return
  const parts = partsOf(await answer.clone().text())
  for (const path of parts) {
    if ((await caches.match(path)) !== undefined) continue
    const part = await fetch(path)
    if (!(await isOurs(part, false))) return
    await keep(path, part)
  }
  const before = await caches.match('/')
  await keep('/', answer)
  const page = await caches.open('page')
  for (const path of partsOf((await before?.text()) ?? '')) if (!parts.includes(path)) await page.delete(path)
}

async function keep(key, answer) {
  const kept = await caches.open('page')
  await kept.put(key, answer.clone())
}
