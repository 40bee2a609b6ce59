import { type Baseline, digestOf, type Fixture, type SanitizedRecording } from 'flux-fixtures'

/**
 * The fixture of a recording, not yet proven: `link` stays behind in the store. Of a fixture, a fresh one with its authored and
 * borrowed entries.
 */
export function toFixture(
  recording: SanitizedRecording | Fixture,
  options: { readonly title: string; readonly baseline?: Baseline },
): Fixture {
  const { link: _link, proof: _proof, ...recorded } = recording as Fixture & Pick<SanitizedRecording, 'link'>
  const fixture = {
    ...recorded,
    title: options.title,
    ...(options.baseline && { baseline: options.baseline }),
  }
  return { ...fixture, digest: digestOf(fixture) }
}
