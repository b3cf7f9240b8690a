import type { ErrorCode } from '../../errors.ts'

/** Why a request came to nothing. The message ends a sentence that begins with the address, and holds no secret. */
export class HttpFault extends Error {
  override readonly name: string = 'HttpFault'
  readonly code: ErrorCode
  /** Whether the same request may succeed later. */
  readonly retryable: boolean
  /** Milliseconds that the server asks to wait. */
  readonly retryAfter: number | undefined

  constructor(message: string, { code = 'source-failed', retryable = false, retryAfter }: FaultDetails = {}) {
    super(message)
    this.code = code
    this.retryable = retryable
    this.retryAfter = retryAfter
  }
}

export interface FaultDetails {
  readonly code?: ErrorCode
  readonly retryable?: boolean
  readonly retryAfter?: number | undefined
}

/**
 * What the connection or its TLS, HTTP and compression said. Only code and message are taken over: such errors carry
 * raw bytes of the answer.
 */
export function networkFault(error: unknown): HttpFault {
  if (error instanceof HttpFault) return error
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException
  const known = EXPLAINED[code]
  if (known !== undefined) return new HttpFault(known, { retryable: true })
  const final = FINAL.test(code)
  return new HttpFault(`failed: ${code === '' ? message : `${message} (${code})`}`, { retryable: !final })
}

const EXPLAINED: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'accepted no connection within `timeoutMs.connect`',
  UND_ERR_HEADERS_TIMEOUT: 'did not answer within `timeoutMs.response`',
  UND_ERR_BODY_TIMEOUT: 'sent nothing more of its answer within `timeoutMs.idle`',
  UND_ERR_SOCKET: 'closed the connection before its answer was complete',
  ECONNRESET: 'reset the connection',
  ECONNREFUSED: 'refused the connection',
}

/** A certificate that is not trusted today is not trusted in a second either. */
const FINAL = /CERT|TLS|SIGNED|SIGNATURE|ISSUER|UND_ERR_INVALID_ARG|ERR_INVALID|EPROTO/
