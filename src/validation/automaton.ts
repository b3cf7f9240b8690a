import type { Syntax } from './regex-syntax.ts'

/** A complete deterministic automaton over ASCII. State 0 is dead: it accepts nothing and nothing leads out of it. */
export interface Automaton {
  readonly states: number
  readonly start: number
  /** `next[state * 128 + code]` */
  readonly next: Uint8Array
  /** 1 for each state in which a text may end. */
  readonly accepts: Uint8Array
}

/** States are bytes in the tables of the kernel. */
export const MAX_STATES = 255
/** Before equal states are merged; with `MAX_NODES` it bounds the time that a pattern takes to compile. */
const MAX_SUBSETS = 512
const MAX_NODES = 2000

/** The smallest automaton that accepts exactly the texts that `syntax` matches as a whole; undefined if too large. */
export function determinize(syntax: Syntax): Automaton | undefined {
  const graph = new Graph()
  const entry = graph.build(syntax, graph.node({}))
  const raw = entry === undefined ? undefined : subsets(graph, entry)
  return raw === undefined ? undefined : minimize(raw, graph.codeClasses())
}

interface Node {
  /** The codes that lead on; without them the step is free. */
  readonly codes?: Uint8Array
  /** The step is free only at the start or only at the end of the text. */
  readonly only?: 'start' | 'end'
  readonly targets?: readonly number[]
}

/** A nondeterministic automaton, built from its end to its start; node 0 is the end. */
class Graph {
  readonly nodes: { codes?: Uint8Array; only?: 'start' | 'end'; targets: readonly number[] }[] = []

  node({ targets = [], ...rest }: Node): number {
    return this.nodes.push({ targets, ...rest }) - 1
  }

  /** The node from which a match of `syntax` leads to `next`; undefined if the graph grows too large. */
  build(syntax: Syntax, next: number): number | undefined {
    if (this.nodes.length > MAX_NODES) return undefined
    switch (syntax.kind) {
      case 'one':
        return this.node({ codes: syntax.codes, targets: [next] })
      case 'all':
        return syntax.parts.reduceRight<number | undefined>((to, part) => this.#before(part, to), next)
      case 'any':
        return this.#fork(syntax.parts.map((part) => this.build(part, next)))
      case 'repeat':
        return this.#repeat(syntax, next)
      default:
        return this.node({ only: syntax.kind, targets: [next] })
    }
  }

  #before(part: Syntax, next: number | undefined): number | undefined {
    return next === undefined ? undefined : this.build(part, next)
  }

  #fork(targets: readonly (number | undefined)[]): number | undefined {
    return targets.includes(undefined) ? undefined : this.node({ targets: targets as number[] })
  }

  #repeat({ part, min, max }: Syntax & { kind: 'repeat' }, next: number): number | undefined {
    let at: number | undefined = next
    if (max === Number.POSITIVE_INFINITY) {
      const loop = this.node({})
      const body = this.build(part, loop)
      if (body === undefined) return undefined
      this.nodes[loop]!.targets = [body, next]
      at = loop
    } else {
      for (let i = min; i < max && at !== undefined; i++) at = this.#fork([this.build(part, at), next])
    }
    for (let i = 0; i < min; i++) at = this.#before(part, at)
    return at
  }

  /** All nodes that free steps reach. Steps that wait for the end of the text stay closed unless `atEnd`. */
  closure(from: Iterable<number>, atStart: boolean, atEnd: boolean): number[] {
    const seen = new Set(from)
    for (const id of seen) {
      const { codes, only, targets } = this.nodes[id]!
      const closed = codes !== undefined || (only === 'start' && !atStart) || (only === 'end' && !atEnd)
      if (!closed) for (const target of targets) seen.add(target)
    }
    return [...seen].sort((a, b) => a - b)
  }

  /** For each code the lowest code that all nodes treat alike. */
  codeClasses(): Uint8Array {
    const known = new Map<string, number>()
    const sets = [...new Set(this.nodes.flatMap(({ codes }) => (codes === undefined ? [] : [codes])))]
    return Uint8Array.from({ length: 128 }, (_, code) => {
      const key = sets.map((codes) => codes[code]).join('')
      if (!known.has(key)) known.set(key, code)
      return known.get(key)!
    })
  }
}

interface Subsets {
  readonly next: number[][]
  readonly accepts: boolean[]
}

/** The subset construction. State 0 is the empty set, state 1 the start, which no step leads back to. */
function subsets(graph: Graph, entry: number): Subsets | undefined {
  const classes = graph.codeClasses()
  const sets: number[][] = [[], graph.closure([entry], true, false)]
  const ids = new Map([['', 0]])
  const idOf = (set: number[]): number => {
    const key = set.join()
    const id = ids.get(key) ?? sets.push(set) - 1
    ids.set(key, id)
    return id
  }
  const next: number[][] = []
  for (let state = 0; state < sets.length; state++) {
    if (sets.length > MAX_SUBSETS) return undefined
    const row: number[] = []
    for (let code = 0; code < 128; code++) {
      row.push(row[classes[code]!] ?? idOf(step(graph, sets[state]!, code)))
    }
    next.push(row)
  }
  return { next, accepts: sets.map((set, state) => graph.closure(set, state === 1, true).includes(0)) }
}

function step(graph: Graph, set: readonly number[], code: number): number[] {
  const targets = set.flatMap((id) => (graph.nodes[id]!.codes?.[code] === 1 ? graph.nodes[id]!.targets : []))
  return targets.length === 0 ? [] : graph.closure(targets, false, false)
}

/** Merges states that no text tells apart (Moore's algorithm); undefined if too many are left. */
function minimize({ next, accepts }: Subsets, classes: Uint8Array): Automaton | undefined {
  const codes = [...new Set(classes)]
  let groups = accepts.map(Number)
  for (let count = 0; ; ) {
    const known = new Map<string, number>()
    const refined = groups.map((group, state) => {
      const key = `${group}:${codes.map((code) => groups[next[state]![code]!]).join()}`
      if (!known.has(key)) known.set(key, known.size)
      return known.get(key)!
    })
    groups = refined
    if (known.size === count) break
    count = known.size
  }
  return pack(groups, next, accepts)
}

/** State 0 comes first, so the dead state keeps its number. */
function pack(
  groups: readonly number[],
  next: readonly number[][],
  accepts: readonly boolean[],
): Automaton | undefined {
  const states = Math.max(...groups) + 1
  if (states > MAX_STATES) return undefined
  const automaton = { states, start: groups[1]!, next: new Uint8Array(states * 128), accepts: new Uint8Array(states) }
  groups.forEach((group, state) => {
    automaton.accepts[group] = Number(accepts[state])
    automaton.next.set(
      next[state]!.map((target) => groups[target]!),
      group * 128,
    )
  })
  return automaton
}
