import { isDeepStrictEqual } from 'node:util'
import { SluiceError } from '../errors.ts'
import type { Footer } from './footer.ts'
import { shifted } from './row-group.ts'
import { fieldOf, type ThriftStruct } from './thrift.ts'

/**
 * The footer of a file that holds the row groups of others, which have moved by so many bytes each. Their columns must
 * be of one type; a column without any value is of whatever type the others have, for nulls look alike in all.
 */
export function joinFooters(footers: readonly Footer[], moved: readonly number[]): Footer {
  const [first] = footers as readonly [Footer, ...Footer[]]
  const elements = first.elements.map((element, index) => (index === 0 ? element : oneElement(footers, index)))
  const rowGroups = footers.flatMap((footer, index) => {
    return footer.rowGroups.map((group) => shifted(group, moved[index] as number))
  })
  const { codec } = footers.find((footer) => footer.rowGroups.length > 0) ?? first
  return { ...first, elements, rowGroups, codec }
}

function oneElement(footers: readonly Footer[], index: number): ThriftStruct {
  const elementOf = ({ elements }: Footer) => elements[index] as ThriftStruct
  const [one, ...others] = footers.filter((footer) => hasValues(footer, index - 1))
  if (one === undefined) return elementOf(footers[0] as Footer)
  const other = others.find((footer) => !isDeepStrictEqual(elementOf(footer), elementOf(one)))
  if (other === undefined) return elementOf(one)
  const name = Buffer.from(fieldOf<Uint8Array>(elementOf(one), 4)).toString()
  throw new SluiceError(
    'transform-failed',
    `The column ${name} is of another type in other inputs. One file of Parquet has one type for each: \`cast\` it, or write to a directory.`,
    { context: { column: name } },
  )
}

function hasValues({ rowGroups }: Footer, column: number): boolean {
  return rowGroups.some(({ columns }) => {
    const chunk = columns[column]
    return chunk !== undefined && chunk.statistics.nulls < chunk.values
  })
}
