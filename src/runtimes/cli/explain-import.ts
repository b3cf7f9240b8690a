import { SluiceError } from '../../errors.ts'
import { placeIn, shown } from './place.ts'

/** Why a job file could not be imported, in one line with cause and fix. */
export function explainImport(cause: unknown, path: string): SluiceError {
  // `defineJob` speaks for itself, but not of the file.
  if (cause instanceof SluiceError) {
    return new SluiceError(cause.code, `${placeIn(cause) ?? shown(path)}: ${cause.message}`, { cause })
  }
  const error = cause instanceof Error ? cause : new Error(String(cause))
  const text = explain(error as NodeJS.ErrnoException, path)
  return new SluiceError('job-not-loadable', text, { cause, context: { path } })
}

function explain(error: NodeJS.ErrnoException, path: string): string {
  const where = syntaxPlace(error) ?? shown(path)
  switch (error.code) {
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `${where}: ${error.message}. Node.js only strips types: replace enums, namespaces and parameter properties, or compile the file first.`
    case 'ERR_INVALID_TYPESCRIPT_SYNTAX':
      return `${where}: syntax error: ${error.message}`
    case 'ERR_MODULE_NOT_FOUND':
    case 'ERR_PACKAGE_PATH_NOT_EXPORTED':
      return missingModule(error.message, path)
    default:
      break
  }
  if (error instanceof SyntaxError) return badSyntax(error.message, where)
  return `${placeIn(error) ?? shown(path)}: the job file threw ${error.name}: ${error.message}`
}

function badSyntax(message: string, where: string): string {
  const [, module, name] = /^The requested module '(.+)' does not provide an export named '(.+)'/.exec(message) ?? []
  if (module === undefined) return `${where}: syntax error: ${message}`
  const fix = 'check the spelling, and write `import type` for a type'
  return `${where}: imports "${name}" from "${module}", which does not export it; ${fix}.`
}

function missingModule(message: string, path: string): string {
  const [, kind, name = '', importer] = /^Cannot find (package|module) '(.+?)' imported from (.+)$/s.exec(message) ?? []
  const from = shown(importer ?? path)
  if (kind === 'package')
    return `${from}: imports the package "${name}", which is not installed; run npm install ${name}.`
  if (kind === 'module')
    return `${from}: imports ${shown(name)}, which does not exist; mind the extension, such as .ts.`
  return `${from}: ${message}`
}

/** A syntax error names its place in the first line of its stack. */
function syntaxPlace({ stack = '' }: Error): string | undefined {
  const [, path, line] = /^(.+):(\d+)$/.exec(stack.split('\n', 1)[0] as string) ?? []
  return path === undefined ? undefined : `${shown(path)}:${line}`
}
