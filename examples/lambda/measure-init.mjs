// What a cold start costs: a fresh process that imports the bundle, ten times. node examples/lambda/measure-init.mjs
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

const OUT = 'dist/lambda'
const RUNS = 10
const IMPORT = `
const began = performance.now()
await import(process.argv[1])
process.stdout.write(String(performance.now() - began))
`

const files = globSync(`${OUT}/**/*`).filter((path) => statSync(path).isFile())
const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0)
const packed = files.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0)
const times = Array.from({ length: RUNS }, () => initTime(resolve(OUT, 'handler.mjs'))).sort((a, b) => a - b)
const median = (times[RUNS / 2 - 1] + times[RUNS / 2]) / 2

const mb = (count) => `${(count / 1e6).toFixed(2)} MB`
process.stdout.write(`bundle ${mb(bytes)}, packed ${mb(packed)}\n`)
process.stdout.write(
  `init: median ${Math.round(median)} ms, from ${Math.round(times[0])} to ${Math.round(times.at(-1))}\n`,
)

function initTime(path) {
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', IMPORT, path], { encoding: 'utf8' }))
}
