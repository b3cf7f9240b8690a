import { SluiceError } from '../../errors.ts'
import { findInputs, type Input } from '../inputs.ts'
import { formatS3 } from '../s3/s3-location.ts'
import { placeOf } from './table-files.ts'

/**
 * A data file as an input that can be opened. Files of a table never change; one of another length is not the one that the
 * table names.
 *
 * @throws SluiceError `source-not-found`, `source-failed`
 */
export async function findTableFile(
  { path, bytes }: { readonly path: string; readonly bytes: number },
  signal: AbortSignal,
): Promise<Input> {
  const place = placeOf(path)
  const [input] = await findInputs('local' in place ? place.local : formatS3(place.s3), signal)
  if (input?.bytes === bytes) return input
  const what = `it has ${input?.bytes ?? 'no'} bytes and the table says ${bytes}`
  throw new SluiceError('source-failed', `${path} is not the file of the table: ${what}. Rewrite the table.`, {
    context: { path },
  })
}
