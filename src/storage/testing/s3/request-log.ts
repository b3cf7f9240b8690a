import type { Fault } from './faults/fault.ts'
import type { OperationName } from './operations/operation-name.ts'

export interface RequestEntry {
  readonly operation: OperationName | 'unknown'
  readonly bucket: string
  readonly key: string
  /** The Range header. */
  readonly range: string | undefined
  /** The fault that struck. */
  fault: Fault['kind'] | undefined
  /** Undefined until it is answered, and for ever if it never is. */
  status: number | undefined
  /** Of the body that was sent. */
  bytesServed: number
}

/** Every request that came in, in order, for tests that count. */
export class RequestLog {
  readonly entries: RequestEntry[] = []

  add(entry: Pick<RequestEntry, 'operation' | 'bucket' | 'key' | 'range'>): RequestEntry {
    const added: RequestEntry = { ...entry, fault: undefined, status: undefined, bytesServed: 0 }
    this.entries.push(added)
    return added
  }

  count(operation?: OperationName): number {
    return this.#of(operation).length
  }

  bytesServed(operation?: OperationName): number {
    return this.#of(operation).reduce((sum, { bytesServed }) => sum + bytesServed, 0)
  }

  /** How often each operation was asked for. */
  counts(): Record<string, number> {
    const groups = Map.groupBy(this.entries, ({ operation }) => operation)
    return Object.fromEntries([...groups].map(([operation, { length }]) => [operation, length]))
  }

  clear(): void {
    this.entries.length = 0
  }

  #of(operation: OperationName | undefined): RequestEntry[] {
    return this.entries.filter((entry) => operation === undefined || entry.operation === operation)
  }
}
