import { defineConfig } from 'flux-capture'

export default defineConfig({
  entry: { http: './src/app.ts#app' },
  runner: 'vitest',
})
