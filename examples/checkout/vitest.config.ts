import { defineConfig } from 'vitest/config'
import flux from 'vitest-plugin-flux'

export default defineConfig({
  plugins: [flux()],
  test: { include: ['test/**/*.test.ts'] },
})
