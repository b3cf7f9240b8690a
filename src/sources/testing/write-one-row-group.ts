/** Writes `node write-one-row-group.ts '{"path":…,"rows":…}'`: all rows in one row group, in pages of 128 KiB. */
import { writeFileSync } from 'node:fs'
import { parquetWriteBuffer } from 'hyparquet-writer'

const { path, rows } = JSON.parse(process.argv[2] as string)
const text = Array.from({ length: rows }, (_, row) => `text ${row * 7919} ${'x'.repeat(50)}`)
const id = BigInt64Array.from(text, (_, row) => BigInt(row))
const bytes = parquetWriteBuffer({
  columnData: [
    { name: 'id', data: id, type: 'INT64', nullable: false },
    { name: 'text', data: text, type: 'STRING', nullable: false },
  ],
  rowGroupSize: rows,
  pageSize: 1 << 17,
})
writeFileSync(path, Buffer.from(bytes))
process.stdout.write('{}')
