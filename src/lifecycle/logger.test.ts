import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Logger } from '../context.ts'
import { realInput } from './testing/real-input.ts'
import { runReal } from './testing/real-run.ts'
import { sandbox } from './testing/sandbox.ts'

describe('a logger that throws', () => {
  for (const wanted of ['planned', 'decided', 'committed', undefined]) {
    it(`${wanted === undefined ? 'always' : `on "${wanted}"`} changes nothing of the run`, async () => {
      using box = sandbox('logger')
      realInput(join(box.path, 'in'), 'new')
      let thrown = 0
      const fail = (_fields: unknown, message: string) => {
        if (wanted !== undefined && message !== wanted) return
        thrown++
        throw new Error('the disk of the log is full')
      }
      const log: Logger = { debug: fail, info: fail, warn: fail, error: fail }
      const [input, target, state] = ['in', 'out.csv', 'state'].map((name) => join(box.path, name))
      const run = { input: input as string, target: target as string, state: state as string, runId: 'run' }
      assert.equal((await runReal(run, { log })).status, 'committed')
      assert.ok(thrown > 0 && existsSync(run.target))
    })
  }
})
