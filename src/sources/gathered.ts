import { stat } from 'node:fs/promises'
import { ParquetBatches } from './parquet-batches.ts'
import { openParquet } from './parquet-input.ts'
import { rereadParquet } from './parquet-reread.ts'
import type { Source } from './source.ts'

/**
 * Rows that a step of the run made, out of its file in scratch: one split, which may have no rows. It is no input of the
 * job, so that nobody is told that it was read, and it cannot change.
 */
export function readGathered(name: string, path: string): Source {
  const open = (bytes = 0, signal: AbortSignal) => openParquet({ source: path, bytes }, undefined, signal)
  return {
    description: { type: 'gathered', name },
    format: { type: 'parquet', raw: 'json' },
    plan: async () => {
      const { size: bytes } = await stat(path)
      return { splits: [{ index: 0, source: name, path, bytes }], bytes, inputs: [] }
    },
    read: async function* (split, { context, pool }) {
      const input = await open(split.bytes, context.signal)
      try {
        const batches = new ParquetBatches(split, input, pool)
        for await (const { batch } of batches.all()) yield batch
        const { rows } = input.footer
        return { records: rows, lines: rows, bytes: input.file.bytes, columns: batches.schema.columns }
      } finally {
        await input.close()
      }
    },
    reread: async function* (split, _end, ordinals, { context, pool }) {
      yield* rereadParquet(ordinals, split, await open(split.bytes, context.signal), pool)
    },
    verify: async () => {},
  }
}
