import { expect, test } from 'vitest'
import { statements, summary, writes } from './sql.ts'

test.each([
  ['select * from "Odd;Name" o join b.c on true where x = \'a;b\'; -- c; d', 'SELECT FROM "Odd;Name", b.c', false],
  ['with x as (delete from carts returning *) select * from x', 'WITH FROM carts, x', true],
  ['with x as (select 1) select * from x for update', 'WITH FROM x', false],
  ["INSERT INTO orders (note) VALUES ($1), (E'it\\'s', $tag$;$tag$)", 'INSERT INTO orders', true],
  ['/* hint */ update only carts set n = 1e3', 'UPDATE carts', true],
  ['delete from s.carts where id = 12', 'DELETE FROM s.carts', true],
  ['begin; commit', 'begin; commit', true],
  ['select 1 into t', 'SELECT FROM t', true],
  ['truncate a, b', 'truncate a, b', true],
  ['explain select 1', 'explain select ?', false],
  ['', '(empty)', false],
])('%j reads %j', (text, words, write) => {
  const all = statements(text)
  expect(summary(all)).toBe(words)
  expect(all.some(writes)).toBe(write)
})
