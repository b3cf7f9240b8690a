/** What a request is refused with: the status, and the code by which clients tell causes apart. */
export class S3Error extends Error {
  readonly status: number
  readonly code: string
  /** Further elements of the error document, such as the condition that failed. */
  readonly details: Readonly<Record<string, string | number>>

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, string | number>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.details = details
  }
}

/** For whatever this server does not model. It never accepts silently what it would then not do. */
export function notImplemented(what: string): S3Error {
  return new S3Error(501, 'NotImplemented', `This server does not implement ${what}.`)
}

export function accessDenied(): S3Error {
  return new S3Error(403, 'AccessDenied', 'Access Denied')
}

export function invalidArgument(message: string): S3Error {
  return new S3Error(400, 'InvalidArgument', message)
}

export function invalidRequest(message: string): S3Error {
  return new S3Error(400, 'InvalidRequest', message)
}

export function malformedXml(): S3Error {
  return new S3Error(400, 'MalformedXML', 'The XML you provided was not well-formed or did not validate.')
}

export function noSuchKey(key: string): S3Error {
  return new S3Error(404, 'NoSuchKey', 'The specified key does not exist.', { Key: key })
}

export function preconditionFailed(condition: string): S3Error {
  const message = 'At least one of the pre-conditions you specified did not hold'
  return new S3Error(412, 'PreconditionFailed', message, { Condition: condition })
}
