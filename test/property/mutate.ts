import seedrandom from 'seedrandom'
import { type Ask, Generator, type Grammar, listsOf, type Step } from './program.ts'

/** A program with one effect or one await more or less. */
export interface Mutant {
  readonly change: 'ask added' | 'await added' | 'ask removed' | 'await removed'
  readonly program: Step[]
}

/** The sites of a program are below this. */
const NEW_SITES = 100_000

/** One change to a copy of a program; the same seed makes the same change. */
export function mutate(program: readonly Step[], seed: string, grammar: Grammar): Mutant {
  const random = seedrandom(`mutant ${seed}`)
  const copy = structuredClone(program) as Step[]
  const generator = new Generator(random, grammar, NEW_SITES)
  const lists = allLists(copy)
  const removable = (kind: 'ask' | 'wait') => lists.filter(list => list.some(step => step.do === kind))
  const change = generator.pick<Mutant['change']>('ask added', 'await added', 'ask removed', 'await removed')
  if (change === 'ask removed' || change === 'await removed') {
    const kind = change === 'ask removed' ? 'ask' : 'wait'
    const from = generator.pick(...removable(kind))
    if (from) {
      const at = from.flatMap((step, index) => (step.do === kind ? [index] : []))
      from.splice(generator.pick(...at), 1)
      return { change, program: copy }
    }
  }
  const into = generator.pick(...lists)
  const at = generator.below(into.length + 1)
  const isAsk = change.startsWith('ask')
  into.splice(at, 0, isAsk ? added(generator, copy) : generator.wait())
  return { change: isAsk ? 'ask added' : 'await added', program: copy }
}

/** A new request, or one that the program makes elsewhere as well. */
function added(generator: Generator, program: readonly Step[]): Ask {
  const fresh = generator.ask()
  const own = allLists(program).flatMap(list => list.filter(step => step.do === 'ask'))
  return own.length > 0 && generator.below(2) === 0 ? { ...generator.pick(...own), site: fresh.site } : fresh
}

function allLists(program: readonly Step[]): Step[][] {
  return [program as Step[], ...program.flatMap(step => listsOf(step).flatMap(allLists))]
}
