// @ts-nocheck: the compiler is told of pages, and a service worker is none.
// Part of the service worker: shows what was pushed while nobody looked, and opens what it is about.
// Notices of one line share a tag, so that a line that grows is shown once.
self.addEventListener('push', event => {
  event.waitUntil(show(payloadOf(event.data)))
})

self.addEventListener('notificationclick', event => {
  event.notification.close()
  const room = event.notification.data?.room
  event.waitUntil(open(typeof room === 'string' ? `/open/${encodeURIComponent(room)}` : '/'))
})

// The app tells the server of the new address when it is next open.
self.addEventListener('pushsubscriptionchange', event => {
  const { oldSubscription, newSubscription } = event
  if (newSubscription || !oldSubscription) return
  event.waitUntil(self.registration.pushManager.subscribe(oldSubscription.options).catch(() => {}))
})

function payloadOf(data) {
  try {
    const { lines, more, unread } = data.json()
    return { lines: Array.isArray(lines) ? lines : [], more: Number(more) || 0, unread: Number(unread) || 0 }
  } catch {
    return { lines: [], more: 0, unread: 0 }
  }
}

async function show({ lines, more, unread }) {
  const icon = '/icon-192.png'
  for (const { id, sentence, room, at, critical } of lines) {
    await self.registration.showNotification('corecord', {
      body: String(sentence),
      tag: String(id),
      renotify: true,
      timestamp: Number(at) || Date.now(),
      requireInteraction: critical === true,
      icon,
      data: { room: room ?? null },
    })
  }
  if (more > 0) {
    await self.registration.showNotification('corecord', { body: `+ ${more}`, tag: 'more', icon, data: {} })
  }
  if (unread > 0) await self.navigator.setAppBadge?.(unread).catch(() => {})
}

/** In a window that is open, which keeps what is being written there; else in a new one. */
async function open(path) {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  // A frame within a page shows a part of it.
  const window = windows.find(({ frameType }) => frameType !== 'nested')
  if (window === undefined) {
    await self.clients.openWindow(path)
    return
  }
  window.postMessage({ open: path })
  await window.focus().catch(() => {})
}
