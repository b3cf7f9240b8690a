import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'
import { alignRecords, isRectangular } from './align-records.ts'
import { cleanEmail } from './clean-email.ts'
import { countLines } from './count-lines.ts'
import { countFlowing, countLive } from './count-live.ts'
import { encodeIndices } from './encode-indices.ts'
import { findBytesBounds, findFloat64Bounds, findInt32Bounds, findInt64Bounds, findTextBounds } from './find-bounds.ts'
import { findCell } from './find-cell.ts'
import { findDuplicates } from './find-duplicates.ts'
import { findMismatches } from './find-mismatches.ts'
import { findNulls } from './find-nulls.ts'
import { gather } from './gather.ts'
import { hashCells } from './hash-cells.ts'
import { internValues } from './intern-values.ts'
import { markEscaped } from './mark-escaped.ts'
import { packBits, reverseBytes } from './pack-bits.ts'
import { packFixed, packText } from './pack-values.ts'
import { parseBooleans } from './parse-booleans.ts'
import { parseDates } from './parse-dates.ts'
import { parseDecimals } from './parse-decimals.ts'
import { parseFloats } from './parse-floats.ts'
import { parseIntegers } from './parse-integers.ts'
import { parseTimes } from './parse-times.ts'
import { parseTimestamps } from './parse-timestamps.ts'
import { parseUuids } from './parse-uuids.ts'
import { partitionKeys } from './partition-keys.ts'
import { scan } from './scan.ts'
import { standardizePhone } from './standardize-phone.ts'
import { writeJsonCells, writeJsonText } from './write-json.ts'
import { writeLetterStart } from './write-letter-start.ts'

/** The same functions as the WebAssembly kernels, in plain JavaScript over the same memory. */
export function javascriptKernels(linear: LinearMemory): Kernels {
  return {
    scan: scan(linear),
    alignRecords: alignRecords(linear),
    isRectangular: isRectangular(linear),
    findCell: findCell(linear),
    markEscaped: markEscaped(linear),
    countLines: countLines(linear),
    countLive: countLive(linear),
    countFlowing: countFlowing(linear),
    findNulls: findNulls(linear),
    findMismatches: findMismatches(linear),
    cleanEmail: cleanEmail(linear),
    standardizePhone: standardizePhone(linear),
    writeJsonCells: writeJsonCells(linear),
    writeJsonText: writeJsonText(linear),
    writeLetterStart: writeLetterStart(linear),
    hashCells: hashCells(linear),
    partitionKeys: partitionKeys(linear),
    findDuplicates: findDuplicates(linear),
    gather: gather(linear),
    parseBooleans: parseBooleans(linear),
    parseDates: parseDates(linear),
    parseDecimals: parseDecimals(linear),
    parseFloats: parseFloats(linear),
    parseIntegers: parseIntegers(linear),
    parseTimes: parseTimes(linear),
    parseTimestamps: parseTimestamps(linear),
    parseUuids: parseUuids(linear),
    packText: packText(linear),
    packFixed: packFixed(linear),
    packBits: packBits(linear),
    reverseBytes: reverseBytes(linear),
    internValues: internValues(linear),
    encodeIndices: encodeIndices(linear),
    findTextBounds: findTextBounds(linear),
    findBytesBounds: findBytesBounds(linear),
    findInt32Bounds: findInt32Bounds(linear),
    findInt64Bounds: findInt64Bounds(linear),
    findFloat64Bounds: findFloat64Bounds(linear),
  }
}
