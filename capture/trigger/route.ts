/**
 * The route template that a framework left on its request, when it is known and whole.
 * @param path as received, without the query
 */
export function routeOf(request: object, path: string): string | undefined {
  const { route, baseUrl } = request as { route?: { path?: unknown }; baseUrl?: unknown }
  if (typeof route?.path !== 'string') return undefined
  // The final handler of Express 4 runs once `baseUrl` is gone; then the path tells whether the template is whole.
  const whole = baseUrl === '' || (baseUrl === undefined && isWhole(route.path, path))
  return whole ? route.path : undefined
}

/** Whether a template spans a path from its beginning. */
function isWhole(template: string, path: string): boolean {
  const names = template.replace(/\/$/, '').split('/')
  const segments = path.replace(/\/$/, '').split('/')
  if (names.length !== segments.length) return false
  return names.every((name, at) => /[:*]/.test(name) || name.toLowerCase() === segments[at]?.toLowerCase())
}
