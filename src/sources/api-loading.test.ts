import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { ensureBuilt } from '../runtimes/cli/testing/sluice.ts'

const INDEX = join(import.meta.dirname, '../../build/index.js')

/** The packages for HTTP that a process has loaded after some code. */
async function loadedBy(code: string): Promise<readonly string[]> {
  const script = `
    import { registerHooks } from 'node:module'
    const seen = new Set()
    registerHooks({ resolve: (specifier, context, next) => (seen.add(specifier), next(specifier, context)) })
    const { readApi, bearer, oauth2ClientCredentials, readRows, runJob } = await import(${JSON.stringify(INDEX)})
    ${code}
    process.stdout.write([...seen].filter((name) => /undici|oauth/.test(name) && !name.startsWith('.')).join())`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
  return output.split(',').filter((name) => name !== '')
}

describe('the packages for HTTP', () => {
  before(ensureBuilt)

  it('are not loaded by the library, nor by a job that only names an API', async () => {
    assert.deepEqual(await loadedBy(''), [])
    assert.deepEqual(await loadedBy(`readApi({ url: 'https://example.org', auth: bearer('x') })`), [])
  })

  it('are loaded by the first request', async () => {
    const read = `const source = readApi({ url: 'http://127.0.0.1:1', retry: { attempts: 1 } })
      const context = { signal: new AbortController().signal, emit: () => {} }
      await source.read({ index: 0 }, { context, pool: {}, keep: false }).next().catch(() => {})`
    assert.deepEqual(await loadedBy(read), ['undici'])
  })
})
