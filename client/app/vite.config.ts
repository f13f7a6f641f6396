import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { VitePWA } from 'vite-plugin-pwa'

/** The server to which `vite` on its own (`npx vite client/app`) hands everything that is not the app. */
const server = process.env['CORECORD_SERVER'] ?? 'http://127.0.0.1:8080'

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
    license: { fileName: 'licenses.md' },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/sync', '/link', '/ws'].map(path => [path, { target: server, ws: true }]),
    ),
  },
})
