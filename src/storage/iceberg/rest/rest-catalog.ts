import type { RestCatalogConfig } from '../../../config/catalog-config.ts'
import type { Catalog } from '../catalog.ts'

export async function openRestCatalog(_name: string, _config: RestCatalogConfig): Promise<Catalog> {
  throw new TypeError('later')
}
