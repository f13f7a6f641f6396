import { reasonOf } from '../../shared/reason-of.ts'

/**
 * What must run for the server to do what its settings promise. A part that is configured but not running makes
 * `/readyz` fail by the part's name, because a delivery that nobody misses until a customer does is the worst kind.
 */
export interface Readiness {
  /**
   * `problem` gives a sentence while the part is not running, null while it is. `remark` says what hinders a part that
   * runs, and lies with somebody else: it fails nothing. Gives the way to take it off.
   */
  register(part: string, problem: () => string | null, remark?: () => string | null): () => void
  report(): ReadinessReport
}

export interface ReadinessReport {
  readonly ready: boolean
  readonly parts: readonly ReportedPart[]
}

export interface ReportedPart {
  readonly name: string
  readonly problem: string | null
  readonly remark: string | null
}

interface Asked {
  readonly problem: () => string | null
  readonly remark: () => string | null
}

export function createReadiness(): Readiness {
  const parts = new Map<string, Asked>()
  return {
    register(part, problem, remark = () => null) {
      if (parts.has(part)) throw new Error(`The part «${part}» is already registered.`)
      parts.set(part, { problem, remark })
      return () => parts.delete(part)
    },
    report() {
      const reported = [...parts].map(([name, { problem, remark }]) => ({
        name,
        problem: sentenceOf(problem),
        remark: sentenceOf(remark),
      }))
      return { ready: reported.every(part => part.problem === null), parts: reported }
    },
  }
}

function sentenceOf(check: () => string | null): string | null {
  try {
    return check()
  } catch (error) {
    return `its check failed: ${reasonOf(error)}`
  }
}
