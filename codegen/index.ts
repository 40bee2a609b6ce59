export { changesData, Donor, type Likeness, type Loan, type Refusal } from './borrow.ts'
export { beyondFailure } from './borrow-beyond.ts'
export { type EntryPoint, exportsOf, findEntry } from './entry-point.ts'
export {
  authoredEntry,
  borrowedEntries,
  Places,
  presentBlank,
  statedOf,
} from './extend.ts'
export { type Blank, blankOf, statusAfter } from './extend-blank.ts'
export { sqlAnswers } from './extend-sql.ts'
export { toFixture } from './fixture.ts'
export { type Name, type NameOptions, nameOf } from './name.ts'
export { wordInSource } from './source-file.ts'
export { type TestFile, type WriteTestOptions, writeTest } from './test-file.ts'
