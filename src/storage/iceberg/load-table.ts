import type { CatalogConfig } from '../../config/catalog-config.ts'
import { reachTable, workOn } from './reach-table.ts'
import type { TableMetadata } from './table-metadata.ts'

/**
 * What a table is now, of a catalog by the first part of its name, by another name, or as it stands here. Undefined: there is
 * no such table.
 */
export async function loadTable(location: string, given?: string | CatalogConfig): Promise<TableMetadata | undefined> {
  const reached = reachTable(location, given)
  return await workOn(reached, async (catalog) => (await catalog.load(reached.table))?.metadata)
}
