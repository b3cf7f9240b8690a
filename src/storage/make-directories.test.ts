import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { makeDirectories } from './durable.ts'

const directory = mkdtempSync(join(tmpdir(), 'sluice-directories-'))
after(() => rmSync(directory, { recursive: true, force: true }))

/** A process that takes away empty folders, as runs do that made them for nothing. */
function remover(folders: readonly string[]): ChildProcess {
  const script = `
    const { rmdirSync } = require('node:fs')
    process.stdout.write('at work')
    const pause = new Int32Array(new SharedArrayBuffer(4))
    for (;; Atomics.wait(pause, 0, 0, 1))
      for (const folder of ${JSON.stringify(folders)}) try { rmdirSync(folder) } catch {}`
  return spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('making directories', () => {
  it('ends with all of them, though others take away empty parents meanwhile', async () => {
    const parents = ['lake/silver/eu', 'lake/silver', 'lake'].map((name) => join(directory, name))
    const child = remover(parents)
    try {
      await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
      for (let round = 0; round < 300; round++) {
        const path = join(directory, 'lake/silver/eu', `table-${round}`)
        makeDirectories(path)
        assert.ok(existsSync(path))
        rmSync(path, { recursive: true })
      }
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  })
})
