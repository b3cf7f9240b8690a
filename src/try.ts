import { modelCsv } from './sources/csv-model.contract.ts'
import { readText } from './sources/csv-reading.contract.ts'
import assert from 'node:assert/strict'
const tokens = ['a', 'b', 'cd', ',', ',', ',', '"', '""', '\n', '\n', '\r\n', '\r', 'é', '\0', ' ', '"x"', '"\n"', '"y""z"']
let seed = 1
const rnd = (n: number) => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) % n }
let fails = 0
const t0 = Date.now()
for (let i = 0; i < 3000 && fails < 5; i++) {
  const b = Buffer.from('a,b\n' + Array.from({ length: rnd(60) }, () => tokens[rnd(tokens.length)]).join(''))
  const m = [5, 20, 1000][rnd(3)]!
  const e = modelCsv(b, { maxRecordBytes: m })
  for (const p of [1, 2, 3, 7, 65536]) {
    let timer: any
    const r = await Promise.race([readText(b, { maxRecordBytes: m }, p).then((x) => x, (x) => x), new Promise((res) => { timer = setTimeout(res, 2000, 'HANG') })])
    clearTimeout(timer)
    try { assert.deepEqual(r, e) } catch (x: any) { fails++; console.log(i, p, m, JSON.stringify(b.toString()), r === 'HANG' ? r : x.message.slice(0, 900)); }
  }
}
console.log('done', Date.now() - t0)
process.exit()
