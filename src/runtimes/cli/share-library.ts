import { registerHooks } from 'node:module'
import { extname } from 'node:path'

/**
 * Lets job files import the very library that runs them, wherever they lie: a second copy would have classes of its own,
 * which the first does not know. It also saves the search for the package.
 */
export function shareLibrary(): void {
  if (shared) return
  shared = true
  const library = new URL(`../../index${extname(import.meta.url)}`, import.meta.url).href
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'sluice' ? { url: library, shortCircuit: true } : next(specifier, context),
  })
}

let shared = false
