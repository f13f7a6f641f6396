import type { KnipConfig } from 'knip'

export default {
  entry: [
    'server/main.ts',
    '{shared,server,client,client/react,server/typescript}/index.ts',
    'shared/no-entry.ts',
    // Loaded by name, in a thread of its own.
    'server/typescript/hooks.ts',
    'client/app/main.tsx',
    'test/bench/*.bench.ts',
    // Loaded by the generator, and started by it.
    'test/bench/peers/scenarios/*.ts',
    'test/bench/peers/typed-server.ts',
    'test/torture/torture.ts',
    'test/count-reporter.mjs',
    // The page of the client's browser stories, built by them.
    'test/browser/client/page/main.tsx',
    // The page that the client's benchmark drives, built by it.
    'test/bench/client-page/main.ts',
  ],
  vite: { config: ['client/app/vite.config.ts'] },
  project: ['{shared,server,client,test}/**/*.{ts,tsx,mjs}', '!server/template/**'],
  // «biome» is called by its path. light-my-request is named so that fastify's «^6.0.0» resolves to a
  // release whose own packages support Node 20; nothing imports it. The others are what the programs of pages import.
  ignoreDependencies: [
    '@biomejs/biome',
    'light-my-request',
    '@codemirror/state',
    '@codemirror/view',
    'pg',
    'y-codemirror.next',
  ],
  // Of the machine: a certificate for the proxies' tests, which are left out without it.
  ignoreBinaries: ['openssl', 'systemd-analyze'],
  // Dead code is what nobody calls. A constant of a table, or a type that is part of what a function promises, may
  // be exported though today only its own file names it.
  ignoreExportsUsedInFile: true,
} satisfies KnipConfig
