import { defineConfig } from 'vitest/config'
import { Summary } from './test/summary.ts'

export default defineConfig({
  test: {
    include: ['{fixtures,capture,replay,vitest-plugin,jest-environment,codegen,cli,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: ['test/services.ts'],
    reporters: ['default', new Summary()],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
