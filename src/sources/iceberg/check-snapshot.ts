import type { CatalogConfig } from '../../config/catalog-config.ts'
import { SluiceError } from '../../errors.ts'
import { findTableFile } from '../../storage/iceberg/find-table-file.ts'
import { loadTable } from '../../storage/iceberg/load-table.ts'
import { reachTable } from '../../storage/iceberg/reach-table.ts'
import { snapshotById } from '../../storage/iceberg/table-metadata.ts'
import { withAccess } from '../../storage/s3/s3-access.ts'
import type { SourcePlan } from '../source.ts'
import type { TableSplit } from './table-splits.ts'

/**
 * Looks whether the rows that were read are still those of the table: its snapshot is there or, should it have expired
 * meanwhile, at least its files are. Throws `source-changed`.
 */
export async function checkSnapshot(
  table: string,
  catalog: string | CatalogConfig | undefined,
  { bookmark, splits }: SourcePlan,
  signal: AbortSignal,
): Promise<void> {
  if (bookmark === undefined) return
  const metadata = await loadTable(table, catalog)
  if (metadata !== undefined && snapshotById(metadata, BigInt(bookmark.position)) !== undefined) return
  const files = (splits as readonly TableSplit[]).filter(({ kind }) => kind === 'file')
  await withAccess(reachTable(table, catalog).access, async () => {
    for (const { source: path, bytes } of files) {
      await findTableFile({ path, bytes }, signal).catch((cause) => expired(table, bookmark, cause))
    }
  })
}

function expired(table: string, { position }: { readonly position: string }, cause: SluiceError): never {
  const what = `The snapshot ${position} of ${table} expired while it was read: ${cause.message}`
  throw new SluiceError('source-changed', `${what} Nothing was written; run again.`, { cause })
}
