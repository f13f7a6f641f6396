import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.{ts,tsx}'],
    // Measured and tortured by commands of their own: `npm run bench`, `npm run torture`.
    exclude: ['test/bench/**', 'test/torture/**', '**/node_modules/**'],
    // Processes, because the tests open LevelDB, bind ports and load native addons; two, because that is what the
    // smallest machine they must pass on has, and what listens to a socket must not wait for a core.
    pool: 'forks',
    maxWorkers: 2,
    // A hung test has to end; a slow machine must not fail one. Nothing asserts a time.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    expect: { poll: { timeout: 60_000 } },
  },
})
