import { appendFileSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** The server to which `vite` on its own (`npx vite client/app`) hands everything that is not the app. */
const server = process.env['CORECORD_SERVER'] ?? 'http://127.0.0.1:8080'

const LICENCES = 'licenses.md'

/** Vite knows what it bundles itself; the worker is bundled behind it. Each part of Workbox leaves its name there. */
const workerLicences = (): Plugin => {
  let folder = ''
  return {
    name: 'worker-licences',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir)
    },
    closeBundle: {
      sequential: true,
      order: 'post',
      handler() {
        const { resolve: find } = createRequire(import.meta.url)
        const worker = readdirSync(folder).filter(name => /^(?:sw|workbox-\w+)\.js$/.test(name))
        const code = worker.map(name => readFileSync(join(folder, name), 'utf8')).join('')
        const parts = new Set(
          [...code.matchAll(/"workbox:([\w-]+):([\d.]+)"/g)].map(
            ([, name, version]) => `${name} - ${version}`,
          ),
        )
        for (const part of [...parts].sort()) {
          const home = dirname(find(`workbox-${part.split(' ')[0]}/package.json`))
          const text = readFileSync(join(home, 'LICENSE'), 'utf8').trim()
          appendFileSync(join(folder, LICENCES), `\n\n## workbox-${part} (MIT)\n\n${text}\n`)
        }
      },
    },
  }
}

export default defineConfig({
  plugins: [
    react(),
    VitePWA({
      // The person decides when: an update in the middle of a sentence helps nobody.
      registerType: 'prompt',
      injectRegister: null,
      workbox: {
        globPatterns: ['**/*.{html,js,css,svg,png,webmanifest}'],
        navigateFallback: '/index.html',
        navigateFallbackDenylist: [/^\/(?:api|sync|link|ws|metrics|healthz|readyz)(?:\/|$)/],
        cleanupOutdatedCaches: true,
        sourcemap: false,
        // What the generated worker does not do: show what was pushed.
        importScripts: ['push-worker.js'],
      },
      manifest: {
        id: '/',
        name: 'corecord',
        short_name: 'corecord',
        description: 'Business records that several people edit at once, on line and off.',
        start_url: '/',
        display: 'standalone',
        background_color: '#f6f7f8',
        theme_color: '#f6f7f8',
        icons: [
          { src: '/icon-192.png', sizes: '192x192', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png' },
          { src: '/icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
          { src: '/icon.svg', sizes: 'any', type: 'image/svg+xml' },
        ],
      },
    }),
    workerLicences(),
  ],
  build: {
    outDir: '../../dist/app',
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy lets code and styles come from files only, so nothing is put inline.
    assetsInlineLimit: 0,
    // What changes with no version of the app stays in the browser over its updates, and what the first page cannot do
    // without comes in few files: a slow processor takes some eight milliseconds to ask for each.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: 'yjs', test: /node_modules\/(yjs|lib0)\// },
            { name: 'first-packages', tags: ['$initial'], test: /node_modules/ },
            { name: 'first', tags: ['$initial'] },
          ],
        },
      },
    },
    reportCompressedSize: false,
    // The licences of all that is bundled ask to be passed on with it.
    license: { fileName: LICENCES },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/sync', '/link', '/ws'].map(path => [path, { target: server, ws: true }]),
    ),
  },
})
