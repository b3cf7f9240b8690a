import { statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { LARGE_INPUT_BYTES } from '../../storage/byte-io.ts'
import { startIoThreadAhead } from '../../storage/start-io-thread.ts'

/**
 * An argument that names a large file is most likely the input of a run, which will want the I/O thread: then it starts
 * beside the loading of modules. Where the guess is wrong, nothing is lost but the work of a core that was free.
 */
export function warmUp(argv: readonly string[]): void {
  if (availableParallelism() > 1 && argv.some((argument) => isLarge(argument.slice(argument.indexOf('=') + 1)))) {
    startIoThreadAhead()
  }
}

function isLarge(path: string): boolean {
  try {
    return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= LARGE_INPUT_BYTES
  } catch {
    // Flags and addresses are no paths; a path that cannot be looked at will be complained of by whoever reads it.
    return false
  }
}
