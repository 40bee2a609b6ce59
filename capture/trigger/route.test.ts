import { expect, test } from 'vitest'
import { routeOf } from './route.ts'

const route = (path: unknown, url: string, baseUrl?: string) => routeOf({ route: { path }, baseUrl }, url)

test('the template of the app itself', () => {
  expect(route('/carts/:id', '/carts/7', '')).toBe('/carts/:id')
  expect(route(/carts/, '/carts/7', '')).toBeUndefined()
  expect(routeOf({}, '/carts')).toBeUndefined()
})

test('a template below a mount point is not whole', () => {
  expect(route('/carts', '/api/carts', '/api')).toBeUndefined()
})

test('Express 4 forgets the mount point before its final handler runs', () => {
  expect(route('/carts/:id', '/carts/7')).toBe('/carts/:id')
  expect(route('/', '/')).toBe('/')
  expect(route('/carts/', '/Carts')).toBe('/carts/')
  expect(route('/carts', '/api/carts')).toBeUndefined()
  expect(route('/carts', '/other')).toBeUndefined()
})
