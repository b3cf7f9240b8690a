import type { S3Client } from '@aws-sdk/client-s3'
import type { LentCredentials } from './s3-access.ts'
import { isUnsaid, statusOf } from './s3-error.ts'

/** Makes a request once more, with others, whose credentials S3 did not take any more: a clock may be wrong. */
export function renewLent({ middlewareStack }: S3Client, lent: LentCredentials): void {
  middlewareStack.add(
    (next) => async (args) => {
      const { version } = lent
      try {
        return await next(args)
      } catch (error) {
        if (!isOutdated(error)) throw withoutRequest(error)
        lent.refused(version)
        return await next(args).catch((again) => {
          throw withoutRequest(again)
        })
      }
    },
    // Before the credentials are asked for, of which all attempts of the SDK have the same.
    { step: 'initialize', priority: 'high', name: 'renewLent' },
  )
}

/** An error of the SDK holds its answer, that its connection, and that the request with its credentials. */
function withoutRequest(error: unknown): unknown {
  const { $response: answer } = error as { readonly $response?: { body?: unknown } }
  if (answer !== undefined) answer.body = undefined
  return error
}

function isOutdated(error: unknown): boolean {
  const { name, message } = error as Error
  // A HEAD has no body that says it.
  return OUTDATED.has(name) || (statusOf(error) === 400 && isUnsaid(message))
}

/** Of several makers of S3. */
const OUTDATED: ReadonlySet<string> = new Set([
  ...['ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'InvalidTokenId', 'InvalidAccessKeyId'],
])
