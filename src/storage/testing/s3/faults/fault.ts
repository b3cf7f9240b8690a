import { OPERATION_NAMES, type OperationName } from '../operations/operation-name.ts'

/** What goes wrong with a request. */
export type Fault =
  /** Nothing is done, and the answer is this error. */
  | { readonly kind: 'status'; readonly status: number; readonly code: string; readonly retryAfterSeconds?: number }
  /** Nothing is done, and the connection is reset without an answer. */
  | { readonly kind: 'reset' }
  /** Nothing is done, and no answer ever comes. */
  | { readonly kind: 'hang' }
  /** Nothing is done, and the answer is 200 with an error in its body. */
  | { readonly kind: 'errorIn200'; readonly code: string }
  /** All is done, and the connection is reset without an answer. */
  | { readonly kind: 'lostAnswer' }
  /** The connection is reset when the client was sent at most so many bytes of the body. */
  | { readonly kind: 'resetAfter'; readonly bytes: number }
  /** The connection is closed in order (FIN) after so many bytes of the body. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** Nothing more comes after so many bytes of the body, and the connection stays. */
  | { readonly kind: 'stall'; readonly bytes: number }
  /** The byte at this place of the body has all bits flipped. */
  | { readonly kind: 'corrupt'; readonly byte: number }
  /** The request waits before anything is done. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  /** The body trickles. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }

export interface FaultRule {
  readonly operation: OperationName | '*'
  /** A key, or a pattern of keys; any when it is left out. */
  readonly key?: string | RegExp
  /** So many matching requests are let pass first. */
  readonly skip?: number
  /** So many are struck then; all when it is left out. */
  readonly times?: number
  readonly fault: Fault
}

/** These answer 200 before they know how it ends. */
const ERRORS_IN_200: readonly string[] = ['CompleteMultipartUpload', 'CopyObject', 'UploadPartCopy']

/** A rule that was added, and how often it has struck. */
export interface AddedFault {
  readonly hits: number
  remove(): void
}

export class Faults {
  #rules: ActiveRule[] = []

  add(rule: FaultRule): AddedFault {
    checkRule(rule)
    const active = new ActiveRule(rule)
    this.#rules.push(active)
    return {
      get hits() {
        return active.hits
      },
      remove: () => {
        this.#rules = this.#rules.filter((one) => one !== active)
      },
    }
  }

  clear(): void {
    this.#rules = []
  }

  /** The fault of the first rule that strikes; those before it count the request as let pass. */
  strike(operation: OperationName, key: string): Fault | undefined {
    return this.#rules.find((rule) => rule.strikes(operation, key))?.fault
  }
}

/** A misspelt rule would never strike, and its test would prove nothing. */
function checkRule({ operation, fault }: FaultRule): void {
  if (operation !== '*' && !OPERATION_NAMES.includes(operation)) throw new Error(`no operation is named ${operation}`)
  if (fault.kind === 'errorIn200' && !ERRORS_IN_200.includes(operation)) {
    throw new Error(`${operation} has no errors in an answer of 200`)
  }
}

class ActiveRule {
  readonly #rule: FaultRule
  #passed = 0
  hits = 0

  constructor(rule: FaultRule) {
    this.#rule = rule
  }

  get fault(): Fault {
    return this.#rule.fault
  }

  strikes(operation: OperationName, key: string): boolean {
    const { skip = 0, times = Number.POSITIVE_INFINITY } = this.#rule
    if (!this.#matches(operation, key)) return false
    if (this.#passed < skip) {
      this.#passed++
      return false
    }
    if (this.hits >= times) return false
    this.hits++
    return true
  }

  #matches(operation: OperationName, key: string): boolean {
    const rule = this.#rule
    if (rule.operation !== '*' && rule.operation !== operation) return false
    return rule.key === undefined || (typeof rule.key === 'string' ? rule.key === key : key.search(rule.key) >= 0)
  }
}
