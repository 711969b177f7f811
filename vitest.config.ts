import { defineConfig } from 'vitest/config';

const common = { testTimeout: 30_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    coverage: { provider: 'v8', include: ['src/**'], reporter: ['text-summary', 'lcov'] },
    projects: [
      // Pure rooms: no state between files, so one thread serves many of them.
      {
        test: {
          ...common,
          name: 'unit',
          dir: 'test',
          include: ['**/*.test.ts'],
          exclude: ['e2e/**', 'far-ends/**'],
          pool: 'threads',
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      // The whole program, in processes of its own.
      {
        test: {
          ...common,
          name: 'e2e',
          dir: 'test/e2e',
          include: ['**/*.test.ts'],
          pool: 'forks',
          maxWorkers: 2,
          // After the unit tests: groups with different numbers of workers cannot run side by side.
          sequence: { groupOrder: 1 },
          testTimeout: 300_000,
          globalSetup: ['test/e2e/build.ts'],
        },
      },
    ],
  },
});
