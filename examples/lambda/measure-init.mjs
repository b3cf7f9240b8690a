// What a cold start costs: a fresh process that imports the bundle, ten times. node examples/lambda/measure-init.mjs
import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'

const OUT = 'dist/lambda'
const RUNS = 10
const IMPORT = `
const began = performance.now()
const before = process.cpuUsage()
await import(process.argv[1])
const { user, system } = process.cpuUsage(before)
process.stdout.write(JSON.stringify({ elapsed: performance.now() - began, cpu: (user + system) / 1000 }))
`

const files = globSync(`${OUT}/**/*`).filter((path) => statSync(path).isFile())
const bytes = files.reduce((sum, path) => sum + statSync(path).size, 0)
const packed = files.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0)
const inits = Array.from({ length: RUNS }, () => init(resolve(OUT, 'handler.mjs')))

process.stdout.write(`bundle: ${megabytes(bytes)}, packed ${megabytes(packed)}\n`)
process.stdout.write(`init: ${shown(inits.map(({ elapsed }) => elapsed))}\n`)
process.stdout.write(`init, on the processor: ${shown(inits.map(({ cpu }) => cpu))}\n`)

function init(path) {
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', IMPORT, path], { encoding: 'utf8' }))
}

function shown(times) {
  const sorted = times.sort((a, b) => a - b).map(Math.round)
  const median = (sorted[RUNS / 2 - 1] + sorted[RUNS / 2]) / 2
  return `median ${median} ms, from ${sorted[0]} to ${sorted.at(-1)}`
}

function megabytes(count) {
  return `${(count / 1e6).toFixed(2)} MB`
}
