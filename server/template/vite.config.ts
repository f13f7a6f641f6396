import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [react()],
  // One React and one Yjs, also where corecord is linked from a folder with packages of its own.
  resolve: { dedupe: ['react', 'react-dom', 'yjs'] },
  // React and the engine together; one file is what a page with a service worker needs.
  build: { chunkSizeWarningLimit: 1_000 },
  // Nothing here is about time: a slow machine must not fail a test.
  test: { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } },
  // `npx vite` beside a running `npm start`: the page as you write it, the data from the server.
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:3000',
      '/link': { target: 'ws://127.0.0.1:3000', ws: true },
    },
  },
})
