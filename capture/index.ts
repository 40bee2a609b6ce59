export {
  type CaptureConfig,
  defineConfig,
  type FluxConfig,
  type SanitizeConfig,
} from './config.ts'
export { flux } from './flux.ts'
export type { ExecutionSummary } from './record/keep.ts'
export type { Stats } from './record/recorder.ts'
export { VERSION } from './runtime.ts'
export type { Middleware } from './trigger/middleware.ts'
