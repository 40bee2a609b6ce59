import type { ClockRead, Draw, Place } from 'flux-fixtures'
import type { Call, Reply } from './boundary.ts'

/** What answers an execution that is replayed. An execution without one is recorded. */
export interface Player {
  /** `line` is formatted when it is read. */
  reply(call: Call<unknown>, place: Pick<Place, 'path'> & { readonly line: string | undefined }): Reply
  /**
   * @param path where it is made
   * @param own a library reads for itself: nothing recorded answers it
   */
  read(kind: ClockRead['kind'], path: string, own: boolean): number | string
  draw(kind: Draw['kind'], size: number | string | undefined, path: string): number | string
  variable(name: string, real: string | undefined): string | undefined
}
