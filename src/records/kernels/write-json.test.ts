import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LinearMemory } from '../linear-memory.ts'
import { ESCAPED, QUOTED } from '../span.ts'
import { javascriptKernels } from './javascript/index.ts'
import { wasmKernels } from './load.ts'

const linear = new LinearMemory()
const BOTH = { wasm: wasmKernels(linear)!, javascript: javascriptKernels(linear) }
const input = linear.reserve(4096)
const spans = linear.reserve(1024)
const keys = linear.reserve(1024)
const output = linear.reserve(65_536)

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\r', '\t', '\b', '\f', '\0', '\x1f', 'a', 'é', '😀'),
    maxLength: 60,
  }),
)

for (const [name, kernels] of Object.entries(BOTH)) {
  describe(`JSON by the ${name} kernels`, () => {
    it('escapes text as JSON.stringify does', () => {
      fc.assert(
        fc.property(text, fc.nat(20), (value, shift) => {
          const written = value.toWellFormed()
          const start = input + shift
          const end = start + linear.bytes.write(`${written}"\\`, start) - 2
          const stop = kernels.writeJsonText(start, end, output)
          assert.equal(linear.bytes.toString('utf8', output, stop), JSON.stringify(written).slice(1, -1))
        }),
        { numRuns: 3000 },
      )
    })

    it('writes cells as members, null where they are empty, quotes doubled in CSV once', () => {
      fc.assert(
        fc.property(fc.array(fc.tuple(text, fc.boolean()), { minLength: 1, maxLength: 8 }), (cells) => {
          const values = cells.map(([value]) => value.toWellFormed())
          let at = input
          cells.forEach(([, quoted], index) => {
            const value = values[index] as string
            const doubled = quoted || value.includes('"')
            if (doubled) linear.bytes[at++] = 34
            const start = at
            at += linear.bytes.write(doubled ? value.replaceAll('"', '""') : value, at)
            const flags = doubled ? QUOTED | (value.includes('"') ? ESCAPED : 0) : 0
            linear.words.set([start, (at | flags) >>> 0], (spans >>> 2) + index * 2)
            if (doubled) linear.bytes[at++] = 34
            linear.bytes[at++] = 44
          })
          const names = values.map((_, index) => `${index > 0 ? ',' : ''}"k${index}":`)
          let key = keys + 512
          names.forEach((member, index) => {
            const length = linear.bytes.write(member, key)
            linear.words.set([key, length], (keys >>> 2) + index * 2)
            key += length
          })
          const end = kernels.writeJsonCells(spans, cells.length, keys, output)
          const expected = Object.fromEntries(values.map((value, index) => [`k${index}`, value === '' ? null : value]))
          assert.deepEqual(JSON.parse(`{${linear.bytes.toString('utf8', output, end)}}`), expected)
        }),
        { numRuns: 2000 },
      )
    })
  })
}
