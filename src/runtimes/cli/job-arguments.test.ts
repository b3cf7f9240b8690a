import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { takeJobArguments } from './job-arguments.ts'

const taken = (...words: readonly string[]) => takeJobArguments(['run', 'job.ts', ...words])

describe('arguments of a job', () => {
  it('are flags in capitals, with a space or an equals sign; the last one counts', () => {
    const { rest, params } = taken('--JOB_NAME', 'x', '--KEY=a=b', '--env', 'prod', '--EMPTY=', '--KEY', '-1')
    assert.deepEqual(params, { JOB_NAME: 'x', KEY: '-1', EMPTY: '' })
    assert.deepEqual(rest, ['run', 'job.ts', '--env', 'prod'])
  })

  it('are also the two that Glue does not write in capitals', () => {
    const { rest, params } = taken('--TempDir', 's3://b/tmp/', '--RedshiftTempDir=x')
    assert.deepEqual(params, { TempDir: 's3://b/tmp/', RedshiftTempDir: 'x' })
    assert.deepEqual(rest, ['run', 'job.ts'])
  })

  it('leave out what Glue passes for its own use', () => {
    const own = ['JOB_ID', 'JOB_RUN_ID', 'SECURITY_CONFIGURATION', 'job-bookmark-option', 'job-bookmark-from']
    for (const name of [...own, 'job-bookmark-to', 'continuation-option', 'encryption-type']) {
      for (const words of [[`--${name}`, 'x'], [`--${name}=x`]]) {
        assert.deepEqual(taken(...words, '--KEY', 'v'), { rest: ['run', 'job.ts'], params: { KEY: 'v' } })
      }
    }
  })

  it('without a value are named', () => {
    for (const words of [['--KEY'], ['--KEY', '--OTHER', 'x'], ['--JOB_ID', '--env', 'dev']]) {
      const name = words[0]?.slice(2)
      assert.throws(() => taken(...words), { code: 'usage', message: new RegExp(`^The job argument --${name} needs`) })
    }
    assert.deepEqual(taken('--KEY=--value').params, { KEY: '--value' })
  })

  it('are none behind -- and for verbs without a job', () => {
    assert.deepEqual(taken('--', '--KEY', 'v').params, {})
    assert.deepEqual(takeJobArguments(['recover', '--KEY', 'v']), { rest: ['recover', '--KEY', 'v'], params: {} })
  })
})
