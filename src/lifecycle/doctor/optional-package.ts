import type { Looked } from './finding.ts'

/** A client of the AWS SDK and its commands, as far as the doctor needs them. */
export interface ServicePackage {
  readonly [name: string]: new (input: object) => { send(command: object): Promise<Readonly<Record<string, unknown>>> }
}

/** Undefined when it is not installed: only some jobs need it. */
export async function optionalPackage(name: string): Promise<ServicePackage | undefined> {
  try {
    return await import(name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') return undefined
    throw error
  }
}

export function notInstalled(name: string): Looked {
  return { status: 'warning', detail: `not checked: ${name} is not installed`, fix: `Run npm install ${name}.` }
}

/** What a service answered, in one line. */
export function refused(error: unknown, action: string): Looked {
  const { name, message } = error as Error
  const denied = /AccessDenied|Unauthorized|AuthorizationError/.test(name)
  const fix = denied ? `Allow ${action} to these credentials.` : 'Check the address and the region.'
  return { status: 'failed', detail: `${name}: ${message}`.replace(/\.$/, ''), fix }
}
