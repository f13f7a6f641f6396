import { reasonOf } from '../../shared/reason-of.ts'

/**
 * What must run for the server to do what its settings promise. A part that is configured but not running makes
 * `/readyz` fail by the part's name, because a delivery that nobody misses until a customer does is the worst kind.
 */
export interface Readiness {
  /** `problem` gives a sentence while the part is not running, null while it is. Gives the way to take it off. */
  register(part: string, problem: () => string | null): () => void
  report(): ReadinessReport
}

export interface ReadinessReport {
  readonly ready: boolean
  readonly parts: readonly { readonly name: string; readonly problem: string | null }[]
}

export function createReadiness(): Readiness {
  const parts = new Map<string, () => string | null>()
  return {
    register(part, problem) {
      if (parts.has(part)) throw new Error(`The part «${part}» is already registered.`)
      parts.set(part, problem)
      return () => parts.delete(part)
    },
    report() {
      const reported = [...parts].map(([name, problem]) => ({ name, problem: problemOf(problem) }))
      return { ready: reported.every(part => part.problem === null), parts: reported }
    },
  }
}

function problemOf(problem: () => string | null): string | null {
  try {
    return problem()
  } catch (error) {
    return `its check failed: ${reasonOf(error)}`
  }
}
