import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { finished } from 'node:stream/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { authorise, type Credentials } from './credentials.ts'
import type { Fault, Faults } from './faults/fault.ts'
import type { OperationName } from './operations/operation-name.ts'
import { OPERATIONS } from './operations/operations.ts'
import { errorAnswer, type S3Answer, xmlAnswer } from './protocol/s3-answer.ts'
import type { S3Context } from './protocol/s3-context.ts'
import { accessDenied, S3Error } from './protocol/s3-error.ts'
import { parseRequest, type S3Request } from './protocol/s3-request.ts'
import type { RequestLog } from './request-log.ts'
import { route } from './route.ts'
import { sendAnswer } from './send-answer.ts'

export interface Service {
  readonly context: Omit<S3Context, 'may'>
  readonly credentials: Credentials
  readonly faults: Faults
  readonly requests: RequestLog
}

export async function serveRequest(
  message: IncomingMessage,
  response: ServerResponse,
  service: Service,
): Promise<void> {
  response.setHeader('x-amz-request-id', randomUUID())
  try {
    await serve(message, response, service)
  } catch (error) {
    // A client that went away in the middle of its request gets no answer.
    if (message.destroyed || response.destroyed) return
    if (response.headersSent) response.destroy()
    else await sendAnswer(response, errorAnswer(asS3Error(error), message.method!), undefined, () => {})
  }
}

async function serve(message: IncomingMessage, response: ServerResponse, service: Service): Promise<void> {
  const request = parseRequest(message)
  const operation = tryRoute(request)
  const { bucket, key, headers } = request
  const known = operation instanceof S3Error ? undefined : operation
  const entry = service.requests.add({ operation: known ?? 'unknown', bucket, key, range: headers['range'] })
  const fault = known && service.faults.strike(known, key)
  entry.fault = fault?.kind
  if (fault?.kind === 'delay') await pause(fault.milliseconds)
  if (fault?.kind === 'reset') return reset(message)
  const answer = await answerTo(request, operation, fault, service)
  // Answers to requests that were not read to their end are lost on the way.
  await drain(message)
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'lostAnswer') return reset(message)
  entry.status = answer.status
  if (fault?.kind === 'status' && fault.retryAfterSeconds) response.setHeader('retry-after', fault.retryAfterSeconds)
  await sendAnswer(response, answer, fault, (bytes) => {
    entry.bytesServed += bytes
  })
}

function tryRoute(request: S3Request): OperationName | S3Error {
  try {
    return route(request)
  } catch (error) {
    return asS3Error(error)
  }
}

/** Faults that leave the operation undone stand in for its answer. */
async function answerTo(
  request: S3Request,
  operation: OperationName | S3Error,
  fault: Fault | undefined,
  service: Service,
): Promise<S3Answer> {
  const message = 'We encountered an internal error. Please try again.'
  if (fault?.kind === 'errorIn200') return xmlAnswer('Error', { Code: fault.code, Message: message })
  try {
    if (operation instanceof S3Error) throw operation
    if (fault?.kind === 'status') throw new S3Error(fault.status, fault.code, message)
    if (fault?.kind === 'hang') throw new S3Error(500, 'InternalError', message)
    return await perform(request, operation, service)
  } catch (error) {
    if (request.message.destroyed && !request.message.complete) throw error
    return errorAnswer(asS3Error(error), request.method)
  }
}

async function perform(request: S3Request, name: OperationName, service: Service): Promise<S3Answer> {
  const operation = OPERATIONS[name]
  const may = authorise(request, operation, service.credentials)
  try {
    return await operation.handle(request, { ...service.context, may })
  } catch (error) {
    // Who may not list learns of no key whether it is there.
    if (error instanceof S3Error && error.code === 'NoSuchKey' && !may('s3:ListBucket')) throw accessDenied()
    throw error
  }
}

/** What is no refusal is a defect of this server, and told so that the test that met it shows it. */
function asS3Error(error: unknown): S3Error {
  if (error instanceof S3Error) return error
  return new S3Error(500, 'InternalError', error instanceof Error ? (error.stack ?? error.message) : String(error))
}

function reset(message: IncomingMessage): void {
  message.socket.resetAndDestroy()
}

async function drain(message: IncomingMessage): Promise<void> {
  message.resume()
  if (!message.complete) await finished(message, { writable: false })
}
