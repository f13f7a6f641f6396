import type { KnipConfig } from 'knip'

export default {
  entry: [
    'server/main.ts',
    '{shared,server,client,client/react}/index.ts',
    'test/bench/*.bench.ts',
    'test/torture/torture.ts',
  ],
  project: ['{shared,server,client,test}/**/*.{ts,tsx,mjs}'],
  // «biome» is called by its path. light-my-request is named so that fastify's «^6.0.0» resolves to a
  // release whose own packages support Node 20; nothing imports it.
  ignoreDependencies: ['@biomejs/biome', 'light-my-request'],
  // A type that only its own file uses may still be part of what its function promises.
  ignoreExportsUsedInFile: { interface: true, type: true },
} satisfies KnipConfig
