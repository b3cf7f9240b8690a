import type { CatalogConfig } from '../../config/catalog-config.ts'
import { configuredCatalog } from './catalog-settings.ts'
import { openCatalog } from './planned-catalog.ts'
import type { TableMetadata } from './table-metadata.ts'
import { parseTableName } from './table-name.ts'

/**
 * What a table is now, of a catalog by the first part of its name, by another name, or as it stands here. Undefined: there is
 * no such table.
 */
export async function loadTable(location: string, given?: string | CatalogConfig): Promise<TableMetadata | undefined> {
  const { catalog: name, ...table } = parseTableName(location)
  const config = typeof given === 'object' ? given : configuredCatalog(given ?? name)
  const catalog = await openCatalog(name, config)
  try {
    return (await catalog.load(table))?.metadata
  } finally {
    await catalog.close()
  }
}
